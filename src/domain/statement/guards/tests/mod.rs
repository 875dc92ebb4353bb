mod sequence;
mod weighing;
