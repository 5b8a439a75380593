//! The renderers: what each file holds, that two runs agree byte by byte, that a failure leaves the old folder alone.

mod fixture;

use std::path::Path;

use allowable::render;

use fixture::practice;

/// Not a test of anything: draws the fixtures into the folder named by `ALLOWABLE_PICTURES`, for looking at them.
#[test]
fn pictures_for_the_eye() {
    let Some(dir) = std::env::var_os("ALLOWABLE_PICTURES") else { return };
    let dir = Path::new(&dir);
    render::write(&practice(), &dir.join("practice")).unwrap();
    std::fs::write(dir.join("terminal.txt"), render::terminal(&practice(), false, 100)).unwrap();
}
