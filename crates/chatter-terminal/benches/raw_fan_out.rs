//! The floor under a delivery: epoll, no storage, no tasks, one `send` of ready
//! bytes per reader. Chatter's CPU per delivery is read beside this figure,
//! taken in the same session on the same machine.
//!
//! `cargo bench -p chatter-terminal --bench raw_fan_out -- [--readers N] [--seconds N] [--json]`
//!
//! The server is this program again, as a child, so that its time is counted
//! apart. One poster sends a byte per post; the server writes one WebSocket
//! text frame of the size of a real event to every reader. Three modes: one
//! post in flight; 64 in flight and one write each; 64 in flight and what came
//! together leaves in one write (what a reader's cursor makes possible).

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(usize::MAX);
const IN_FLIGHT: usize = 64;
/// An event frame with a text of a hundred bytes, real ids and a key.
const EVENT: &str = r#"{"type":"event","room":"178231099645001728","seq":123456,"id":"178231099645001999","at":1773306720000,"author":"178231099645001730","key":"0a1b2c3d-17-123456","kind":"posted","text":"a text of about a hundred bytes, as people write them to each other when there is something to say"}"#;

#[derive(Clone, Copy)]
struct Mode {
    name: &'static str,
    in_flight: usize,
    together: bool,
}

const MODES: [Mode; 3] = [
    Mode {
        name: "one",
        in_flight: 1,
        together: false,
    },
    Mode {
        name: "64",
        in_flight: IN_FLIGHT,
        together: false,
    },
    Mode {
        name: "64-together",
        in_flight: IN_FLIGHT,
        together: true,
    },
];

struct Options {
    readers: usize,
    seconds: u64,
    json: bool,
    serve: Option<bool>,
}

fn main() -> anyhow::Result<()> {
    let options = options()?;
    if let Some(together) = options.serve {
        return serve(together);
    }
    let mut results = Vec::new();
    for mode in MODES {
        let (deliveries, seconds, cpu) = measure(mode, &options)?;
        let cost = cpu * 1e6 / deliveries;
        let rate = deliveries / seconds;
        let name = mode.name;
        if options.json {
            results.push(format!(
                r#""{name}":{{"cpu_us_per_delivery":{cost:.3},"deliveries_per_second":{rate:.0}}}"#
            ));
        } else {
            results.push(format!(
                "{name:12} {cost:.2} µs CPU a delivery, {rate:.0} deliveries/s"
            ));
        }
    }
    let readers = options.readers;
    let text = if options.json {
        let modes = results.join(",");
        format!(r#"{{"bench":"raw_fan_out","readers":{readers},{modes}}}"#)
    } else {
        results.join("\n")
    };
    Ok(writeln!(io::stdout(), "{text}")?)
}

fn options() -> anyhow::Result<Options> {
    let mut options = Options {
        readers: 1_000,
        seconds: 5,
        json: false,
        serve: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => options.json = true,
            "--readers" => options.readers = words.next().context("how many?")?.parse()?,
            "--seconds" => options.seconds = words.next().context("how many?")?.parse()?,
            "--serve" => options.serve = Some(words.next().as_deref() == Some("together")),
            // Cargo says `--bench` to every bench; a folder means nothing here.
            _ => {}
        }
    }
    Ok(options)
}

/// One WebSocket text frame, unmasked, as a server sends it.
fn frame() -> Vec<u8> {
    let length = u16::try_from(EVENT.len()).expect("short");
    let mut frame = vec![0x81, 126];
    frame.extend(length.to_be_bytes());
    frame.extend(EVENT.as_bytes());
    frame
}

// The server: its first client is the poster, all others are readers.

fn serve(together: bool) -> anyhow::Result<()> {
    let mut listener = TcpListener::bind("127.0.0.1:0".parse()?)?;
    let mut poll = Poll::new()?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    writeln!(io::stdout(), "{}", listener.local_addr()?)?;
    let mut clients: Vec<TcpStream> = Vec::new();
    let mut events = Events::with_capacity(1_024);
    let many = frame().repeat(IN_FLIGHT);
    let mut posts = [0; IN_FLIGHT];
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                accept(&listener, &poll, &mut clients)?;
                continue;
            }
            let came = match clients[0].read(&mut posts) {
                // The poster is gone: over.
                Ok(0) => return Ok(()),
                Ok(came) => came,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error.into()),
            };
            deliver(&mut clients, &many, came, together)?;
        }
    }
}

fn accept(listener: &TcpListener, poll: &Poll, clients: &mut Vec<TcpStream>) -> anyhow::Result<()> {
    while let Ok((mut client, _)) = listener.accept() {
        client.set_nodelay(true)?;
        if clients.is_empty() {
            poll.registry()
                .register(&mut client, Token(0), Interest::READABLE)?;
        }
        clients.push(client);
    }
    Ok(())
}

fn deliver(
    clients: &mut [TcpStream],
    many: &[u8],
    posts: usize,
    together: bool,
) -> anyhow::Result<()> {
    let one = many.len() / IN_FLIGHT;
    let (writes, length) = if together {
        (1, posts * one)
    } else {
        (posts, one)
    };
    for client in &mut clients[1..] {
        for _ in 0..writes {
            // Never more in flight than a socket's buffer takes: short writes
            // would be a mistake of this measurement.
            let written = client.write(&many[..length])?;
            anyhow::ensure!(written == length, "short write");
        }
    }
    Ok(())
}

// The clients.

fn measure(mode: Mode, options: &Options) -> anyhow::Result<(f64, f64, f64)> {
    let (mut child, mut said) = start(mode)?;
    let mut address = String::new();
    said.read_line(&mut address)?;
    let address: SocketAddr = address.trim().parse()?;
    let mut poster = std::net::TcpStream::connect(address)?;
    poster.set_nodelay(true)?;
    // The server tells the poster by its being the first.
    std::thread::sleep(Duration::from_millis(50));
    let mut poll = Poll::new()?;
    let mut readers = Vec::with_capacity(options.readers);
    for place in 0..options.readers {
        let reader = std::net::TcpStream::connect(address)?;
        reader.set_nonblocking(true)?;
        let mut reader = TcpStream::from_std(reader);
        poll.registry()
            .register(&mut reader, Token(place), Interest::READABLE)?;
        readers.push(reader);
    }
    std::thread::sleep(Duration::from_millis(300));
    let cpu = cpu_seconds(child.id())?;
    let began = Instant::now();
    let mut posts = 0_u32;
    while began.elapsed() < Duration::from_secs(options.seconds) {
        poster.write_all(&[0; IN_FLIGHT][..mode.in_flight])?;
        hear_all(&mut poll, &mut readers, mode.in_flight * frame().len())?;
        posts += u32::try_from(mode.in_flight)?;
    }
    let seconds = began.elapsed().as_secs_f64();
    let cpu = cpu_seconds(child.id())? - cpu;
    drop((poster, readers));
    child.wait()?;
    let deliveries = f64::from(posts) * f64::from(u32::try_from(options.readers)?);
    Ok((deliveries, seconds, cpu))
}

fn start(mode: Mode) -> anyhow::Result<(Child, BufReader<ChildStdout>)> {
    let how = if mode.together { "together" } else { "apart" };
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--serve", how])
        .stdout(Stdio::piped())
        .spawn()?;
    let said = child.stdout.take().context("no output")?;
    Ok((child, BufReader::new(said)))
}

/// Reads until every reader has `each` bytes more.
fn hear_all(poll: &mut Poll, readers: &mut [TcpStream], each: usize) -> anyhow::Result<()> {
    let mut events = Events::with_capacity(1_024);
    let mut buffer = vec![0; 64 * 1024];
    let mut missing = each * readers.len();
    while missing > 0 {
        poll.poll(&mut events, Some(Duration::from_secs(10)))?;
        anyhow::ensure!(!events.is_empty(), "{missing} bytes never came");
        for event in &events {
            let reader = &mut readers[event.token().0];
            loop {
                match reader.read(&mut buffer) {
                    Ok(0) => anyhow::bail!("the server went away"),
                    Ok(came) => missing -= came,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
    Ok(())
}

fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("no name")?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let mut ticks = || -> anyhow::Result<f64> {
        Ok(fields.next().context("too short")?.parse::<u32>()?.into())
    };
    Ok((ticks()? + ticks()?) / 100.0)
}
