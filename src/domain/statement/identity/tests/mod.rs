mod alike;
mod fingerprints;
mod model;
