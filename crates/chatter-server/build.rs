//! Sees to it that there is a browser client to embed: the real one is built
//! by `make web`; without it a page says so, and the server builds all the same.

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let dist = Path::new("../../web/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let page = dist.join("index.html");
    if !page.exists() {
        fs::create_dir_all(dist)?;
        fs::write(page, PLACEHOLDER)?;
    }
    Ok(())
}

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Chatter</title>
<h1>Chatter is running</h1>
<p>This build has no browser client in it. Run <code>make web</code>, then build again.</p>
</html>
";
