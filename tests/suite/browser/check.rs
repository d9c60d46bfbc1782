//! What holds for every page: people can use it with what they have.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::Browser;

static AXE: LazyLock<String> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/node_modules/axe-core/axe.min.js");
    fs::read_to_string(path).expect("web/node_modules is not complete: `make test` installs it")
});

const RUN: &str = "
    const done = arguments[0];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run(document, { runOnly: tags }).then(found => done(found.violations), error => done(String(error)));";

/// What is wider than the window, where the page can be scrolled sideways.
const SIDEWAYS: &str = "
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body, body *')]
        .filter(element => element.getBoundingClientRect().right > width + 0.5)
        .map(element => element.outerHTML.slice(0, 120));";

/// References are random: in a picture each is the next of a row. No cursor blinks, and the typeface is there.
const STILL: &str = r"
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const known = new Map();
    const next = (found) => {
        if (!known.has(found)) known.set(found, `${found[0]}-2345-67${22 + known.size}`);
        return known.get(found);
    };
    while (texts.nextNode()) {
        const text = texts.currentNode;
        text.data = text.data.replace(/\b[CR]-[2-9A-Z]{4}-[2-9A-Z]{4}\b/g, next);
    }
    document.activeElement?.blur();
    return document.fonts.ready.then(() => null);";

impl Browser {
    /// Nothing that axe finds. It is a script: where there is none, the same page with scripts is looked at.
    pub async fn accessible(&self) {
        if !self.script {
            return;
        }
        self.script(&AXE).await;
        let found = self.driver.execute_async(RUN, vec![]).await.unwrap().json().clone();
        let Value::Array(found) = found else { panic!("axe did not run: {found}") };
        let faults: Vec<_> = found.iter().map(told).collect();
        assert!(faults.is_empty(), "{}\n{}", self.address().await, faults.join("\n"));
    }

    pub async fn no_sideways_scroll(&self) {
        let wide = self.script(SIDEWAYS).await;
        assert_eq!(wide, json!([]), "{} is wider than the window", self.address().await);
    }

    /// Keeps the whole page, also what is below the edge of the window, as `target/pictures/NAME.png`.
    pub async fn picture(&self, name: &str) -> PathBuf {
        let metrics = self.driver.cdp().send_raw("Page.getLayoutMetrics", ()).await.unwrap();
        let size = &metrics["cssContentSize"];
        let wanted = json!({
            "format": "png",
            "captureBeyondViewport": true,
            "clip": { "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 },
        });
        self.keep(name, wanted).await
    }

    /// Keeps what is in the window, at four fifths of its size, as `target/pictures/guide/NAME.png`. What chance decides is
    /// made the same each time.
    pub async fn window_picture(&self, name: &str) -> PathBuf {
        self.script(STILL).await;
        let metrics = self.driver.cdp().send_raw("Page.getLayoutMetrics", ()).await.unwrap();
        let view = &metrics["cssVisualViewport"];
        let (x, y, width, height) = (&view["pageX"], &view["pageY"], &view["clientWidth"], &view["clientHeight"]);
        let clip = json!({ "x": x, "y": y, "width": width, "height": height, "scale": 0.8 });
        self.keep(&format!("guide/{name}"), json!({ "format": "png", "clip": clip })).await
    }

    async fn keep(&self, name: &str, wanted: Value) -> PathBuf {
        let taken = self.driver.cdp().send_raw("Page.captureScreenshot", wanted).await.unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("pictures");
        let path = folder.join(name).with_extension("png");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, BASE64_STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()).unwrap();
        path
    }
}

/// A violation with its places, for somebody who has to mend it.
fn told(violation: &Value) -> String {
    let nodes = violation["nodes"].as_array().unwrap().iter();
    let places = nodes.map(|node| {
        let summary = node["failureSummary"].as_str().unwrap_or_default().replace('\n', "\n    ");
        format!("\n  {} {}\n    {summary}", node["target"], node["html"])
    });
    format!("{}: {}{}", violation["id"], violation["help"], places.collect::<String>())
}
