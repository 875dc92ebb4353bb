//! x
pub(super) async fn run(_stay: bool) -> anyhow::Result<std::process::ExitCode> {
    anyhow::bail!("x")
}
