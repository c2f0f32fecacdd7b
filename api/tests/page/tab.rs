//! A tab, and what a user does in it.

use base64::Engine;
use serde_json::{Value, json};

use super::browser::Browser;
use crate::support::eventually;

/// A tab of a browser of its own.
pub(super) struct Tab {
    browser: Browser,
    session: String,
}

impl Tab {
    /// Opens a page.
    pub(super) async fn open(url: &str) -> Self {
        let mut browser = Browser::start().await;
        let blank = json!({"url": "about:blank"});
        let target = browser.call(None, "Target.createTarget", blank).await["targetId"].take();
        let attach = json!({"targetId": target, "flatten": true});
        let session = browser.call(None, "Target.attachToTarget", attach).await["sessionId"].take();
        let mut tab = Self { browser, session: session.as_str().unwrap().to_owned() };
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility"] {
            tab.call(&format!("{domain}.enable"), json!({})).await;
        }
        tab.resize(1280, 900).await;
        tab.go(url).await;
        tab
    }

    async fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.browser.call(Some(&self.session), method, parameters).await
    }

    /// Goes to an address, or to the same once more.
    pub(super) async fn go(&mut self, url: &str) {
        self.call("Page.navigate", json!({"url": url})).await;
        self.shows("document.readyState === 'complete'").await;
    }

    /// The window's size, in CSS pixels.
    pub(super) async fn resize(&mut self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// The value of a JavaScript expression, awaited.
    pub(super) async fn value(&mut self, expression: &str) -> Value {
        self.try_value(expression).await.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    async fn try_value(&mut self, expression: &str) -> Result<Value, Value> {
        let words = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let mut result = self.browser.try_call(Some(&self.session), "Runtime.evaluate", words).await?;
        assert!(result["exceptionDetails"].is_null(), "{expression}: {}", result["exceptionDetails"]);
        Ok(result["result"]["value"].take())
    }

    /// Waits until an expression holds.
    pub(super) async fn shows(&mut self, expression: &str) {
        // While the page changes there may be none to ask, or it is gone before it answers.
        let guarded =
            format!("(() => {{ try {{ return Boolean({expression}); }} catch {{ return false; }} }})()");
        eventually(expression, async || match self.try_value(&guarded).await {
            Ok(value) => value == true,
            Err(error) if error["message"] == "Inspected target navigated or closed" => false,
            Err(error) => panic!("{expression}: {error}"),
        })
        .await;
    }

    /// The text that is seen of an element.
    pub(super) async fn text(&mut self, selector: &str) -> String {
        let text = self.value(&format!("document.querySelector('{selector}').innerText")).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Clicks the middle of an element, as a mouse does.
    pub(super) async fn click(&mut self, selector: &str) {
        let middle = format!(
            "(() => {{ const it = document.querySelector('{selector}'); it.scrollIntoView({{block: 'center'}}); \
             const {{x, y, width, height}} = it.getBoundingClientRect(); return [x + width / 2, y + height / 2]; }})()"
        );
        let middle = self.value(&middle).await;
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({"type": kind, "x": middle[0], "y": middle[1], "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// Clicks into a field and types.
    pub(super) async fn fill(&mut self, selector: &str, text: &str) {
        self.click(selector).await;
        self.value(&format!("document.querySelector('{selector}').select()")).await;
        self.call("Input.insertText", json!({"text": text})).await;
    }

    /// The accessible role and name of each control that is not hidden.
    pub(super) async fn controls(&mut self) -> Vec<(String, String)> {
        let tree = self.call("Accessibility.getFullAXTree", json!({})).await;
        let text = |node: &Value, member: &str| node[member]["value"].as_str().unwrap_or_default().to_owned();
        let nodes = tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] == false);
        nodes
            .map(|node| (text(node, "role"), text(node, "name")))
            .filter(|(role, _)| {
                ["button", "textbox", "combobox", "progressbar", "image", "link"].contains(&&**role)
            })
            .collect()
    }

    /// What went wrong on the console since the last time, in its words.
    pub(super) async fn complaints(&mut self) -> Vec<String> {
        // An answer comes after the events before it.
        self.value("1").await;
        self.browser.take_events().filter_map(|event| complaint(&event)).collect()
    }

    /// A picture of the page, for people to look at.
    pub(super) async fn picture(&mut self, name: &str) {
        let all = json!({"captureBeyondViewport": true});
        let picture = self.call("Page.captureScreenshot", all).await;
        let png =
            base64::engine::general_purpose::STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }
}

fn complaint(event: &Value) -> Option<String> {
    let parameters = &event["params"];
    let text = match event["method"].as_str()? {
        "Runtime.exceptionThrown" => &parameters["exceptionDetails"]["exception"]["description"],
        "Runtime.consoleAPICalled" if parameters["type"] == "error" => &parameters["args"],
        "Log.entryAdded" if parameters["entry"]["level"] == "error" => &parameters["entry"]["text"],
        _ => return None,
    };
    Some(text.as_str().map_or_else(|| text.to_string(), str::to_owned))
}
