//! What the server's process has used so far, as the kernel counts it.

use std::fs;

use anyhow::Context;

/// Linux counts processor time for programs in hundredths of a second,
/// whatever its own timer does.
const TICKS_PER_SECOND: f64 = 100.0;

#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    pub cpu_seconds: f64,
    pub resident_kib: u64,
}

/// What `pid` has used so far.
pub fn usage(pid: u32) -> anyhow::Result<Usage> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))
        .with_context(|| format!("there is no process {pid} to measure"))?;
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    Ok(Usage {
        cpu_seconds: cpu_seconds(&stat).context("/proc/PID/stat is not as expected")?,
        resident_kib: resident_kib(&status).unwrap_or(0),
    })
}

fn cpu_seconds(stat: &str) -> Option<f64> {
    // The program's name is in parentheses and may hold spaces and parentheses.
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some((f64::from(user) + f64::from(system)) / TICKS_PER_SECOND)
}

fn resident_kib(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_an_odd_name_is_still_counted() {
        let stat = "7 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0";
        assert!((cpu_seconds(stat).unwrap() - 2.0).abs() < 1e-9);
    }

    #[test]
    fn this_very_process_can_be_measured() {
        assert!(usage(std::process::id()).unwrap().resident_kib > 0);
    }
}
