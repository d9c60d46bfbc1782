//! How a test looks at the site.

use serde_json::json;
use thirtyfour::WebDriver;

use super::site::Site;

#[derive(Clone)]
pub struct Window {
    pub site: Site,
    pub script: bool,
    width: u32,
    height: u32,
    forced_colours: bool,
    print: bool,
}

impl Window {
    /// As wide and high as the laptop of a helpline worker.
    pub fn new(site: Site) -> Self {
        Self { site, script: true, width: 1366, height: 768, forced_colours: false, print: false }
    }

    /// 320 x 256 is a large screen at 400 %; 375 x 812 is a telephone.
    #[must_use]
    pub fn size(self, width: u32, height: u32) -> Self {
        Self { width, height, ..self }
    }

    #[must_use]
    pub fn without_script(self) -> Self {
        Self { script: false, ..self }
    }

    #[must_use]
    pub fn forced_colours(self) -> Self {
        Self { forced_colours: true, ..self }
    }

    /// As it would be printed.
    #[must_use]
    pub fn print(self) -> Self {
        Self { print: true, ..self }
    }

    pub(super) async fn apply(&self, driver: &WebDriver) {
        let cdp = driver.cdp();
        let metrics = json!({ "width": self.width, "height": self.height, "deviceScaleFactor": 1, "mobile": false });
        cdp.send_raw("Emulation.setDeviceMetricsOverride", metrics).await.unwrap();
        let colours = if self.forced_colours { "active" } else { "none" };
        let media = json!({
            "media": if self.print { "print" } else { "" },
            "features": [{ "name": "forced-colors", "value": colours }],
        });
        cdp.send_raw("Emulation.setEmulatedMedia", media).await.unwrap();
        let disabled = json!({ "value": !self.script });
        cdp.send_raw("Emulation.setScriptExecutionDisabled", disabled).await.unwrap();
    }
}
