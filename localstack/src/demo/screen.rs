//! The live view in the terminal: the load, the p95 against its objective, the fleet, and the last decisions in
//! words. Where the output is no terminal, a line every five seconds says the same.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyModifiers};
use futures::StreamExt;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Sparkline, Wrap};
use ratatui::{DefaultTerminal, Frame};
use tokio_util::sync::CancellationToken;
use traffic::RateDial;

use super::history::{History, Sample};
use super::interrupt::Interrupt;
use super::verdict::{OBJECTIVE_S, Verdict};

const LINE_EVERY: usize = 5;
/// Each press turns the load by a fifth.
const TURN: f64 = 1.2;

/// Where else there is something to see of a run.
#[derive(Clone)]
pub(crate) struct Places {
    /// The page.
    pub(crate) page_url: String,
    /// What would be on standard error, were the terminal not drawn on.
    pub(crate) log: PathBuf,
}

/// Where a run is shown. Clones show on the same terminal, which the last one restores.
#[derive(Clone)]
pub(crate) struct Screen {
    terminal: Option<Arc<Drawing>>,
    places: Places,
    dial: RateDial,
    over: Arc<OnceLock<String>>,
}

struct Drawing {
    terminal: Mutex<DefaultTerminal>,
    keys: CancellationToken,
}

impl Drop for Drawing {
    fn drop(&mut self) {
        self.keys.cancel();
        ratatui::restore();
    }
}

impl Screen {
    /// Draws if asked to; Ctrl-C or `q` then ask `interrupt`, and arrows turn the load.
    pub(crate) fn new(draws: bool, places: Places, dial: RateDial, interrupt: Interrupt) -> Self {
        eprintln!("  watch it at {}", places.page_url);
        let terminal = draws.then(|| {
            let keys = CancellationToken::new();
            tokio::spawn(listen(dial.clone(), interrupt, keys.clone()));
            Arc::new(Drawing { terminal: Mutex::new(ratatui::init()), keys })
        });
        Self { terminal, places, dial, over: Arc::default() }
    }

    /// Shows from now on how the scenario went.
    pub(crate) fn over(&self, verdict: &Verdict) {
        let passed = if verdict.passed { "PASSED" } else { "FAILED" };
        let told = self.over.get_or_init(|| format!("the scenario is over: {passed}"));
        if self.terminal.is_none() {
            println!("{told}");
        }
    }

    pub(crate) fn draw(&self, history: &History) {
        let samples = history.samples();
        let samples = samples.as_slice();
        let Some(last) = samples.last() else { return };
        match &self.terminal {
            Some(drawing) => {
                let mut terminal = drawing.terminal.lock().unwrap_or_else(PoisonError::into_inner);
                // A terminal that cannot be drawn on is not worth ending a run for.
                let _ = terminal.draw(|frame| self.render(frame, samples));
            }
            None => print(last, samples.len()),
        }
    }

    fn render(&self, frame: &mut Frame, samples: &[Sample]) {
        let Some(last) = samples.last() else { return };
        let rows = [Constraint::Length(6), Constraint::Length(5), Constraint::Length(5), Constraint::Min(6)];
        let [figures, load, latency, decisions] = Layout::vertical(rows).areas(frame.area());
        frame.render_widget(self.figures(last), figures);
        spark(frame, load, " dashboards per second ", samples.iter().map(|s| s.requests_per_s), Color::Cyan);
        let p95_ms = samples.iter().map(|s| s.p95_s.unwrap_or(0.0) * 1000.0);
        let slow = last.p95_s.is_some_and(|p95_s| p95_s > OBJECTIVE_S);
        spark(frame, latency, " p95 in ms ", p95_ms, if slow { Color::Red } else { Color::Green });
        frame.render_widget(words(samples, usize::from(decisions.height)), decisions);
    }

    fn figures(&self, last: &Sample) -> Paragraph<'_> {
        let p95 = last.p95_s.map_or("none".to_owned(), |p95_s| format!("{p95_s:.2} s"));
        let slow = last.p95_s.is_some_and(|p95_s| p95_s > OBJECTIVE_S);
        let fleet = last.fleet;
        let first = Line::from(vec![
            Span::raw(format!(
                "{:>4.0} s   {:>5.1} dashboards/s (x{:.1})   p95 ",
                last.t_s,
                last.requests_per_s,
                self.dial.factor()
            )),
            if slow { p95.red().bold() } else { p95.green().bold() },
            Span::raw(format!(" of {OBJECTIVE_S} s   {} waiting   {} failed", last.in_flight, last.failed)),
        ]);
        let second = format!(
            "instances: {} desired, {} in service, {} pending, {} leaving",
            fleet.desired, fleet.in_service, fleet.pending, fleet.terminating
        );
        let over = self.over.get().map(|told| format!("   {told}")).unwrap_or_default();
        let third = format!("↑↓ load   q quit   page {}{over}", self.places.page_url);
        let fourth = format!("log {}", self.places.log.display());
        Paragraph::new(vec![first, second.into(), third.into(), fourth.into()])
            .block(Block::bordered().title(" ExStrat on LocalStack "))
    }
}

fn spark(frame: &mut Frame, area: Rect, title: &str, values: impl Iterator<Item = f64>, colour: Color) {
    let values: Vec<u64> = values.map(|value| value as u64).collect();
    let shown = values.len().saturating_sub(usize::from(area.width.saturating_sub(2)));
    let widget =
        Sparkline::default().block(Block::bordered().title(title.to_owned())).style(Style::new().fg(colour));
    frame.render_widget(widget.data(&values[shown..]), area);
}

fn words(samples: &[Sample], lines: usize) -> Paragraph<'_> {
    let decisions = samples.iter().rev().flat_map(|sample| sample.decisions.iter().rev()).take(lines);
    let lines: Vec<Line> = decisions
        .map(|told| {
            let line = Line::from(format!("{:>4.0} s  {}", told.t_s, told.sentence));
            if told.action == "hold" { line.dim() } else { line.bold() }
        })
        .collect();
    Paragraph::new(lines)
        .wrap(Wrap { trim: false })
        .block(Block::bordered().title(" decisions, the newest first "))
}

fn print(last: &Sample, seen: usize) {
    for told in last.decisions.iter().filter(|told| told.action != "hold") {
        println!("{:>5.0} s  {}", told.t_s, told.sentence);
    }
    if seen.is_multiple_of(LINE_EVERY) {
        let p95 = last.p95_s.map_or("  none".to_owned(), |p95_s| format!("{p95_s:5.2} s"));
        let fleet = last.fleet;
        println!(
            "{:>5.0} s  {:6.1} dashboards/s, p95 {p95}, {} waiting, {} failed; instances {} desired, {} in service, {} pending, {} leaving",
            last.t_s,
            last.requests_per_s,
            last.in_flight,
            last.failed,
            fleet.desired,
            fleet.in_service,
            fleet.pending,
            fleet.terminating
        );
    }
}

/// In raw mode the terminal sends no signals: Ctrl-C is a key like any other.
async fn listen(dial: RateDial, interrupt: Interrupt, stop: CancellationToken) {
    let mut events = EventStream::new();
    while let Some(Some(Ok(event))) = stop.run_until_cancelled(events.next()).await {
        let Event::Key(KeyEvent { code, modifiers, .. }) = event else { continue };
        match code {
            KeyCode::Up => dial.turn(TURN),
            KeyCode::Down => dial.turn(1.0 / TURN),
            KeyCode::Char('q') => interrupt.ask(),
            KeyCode::Char('c') if modifiers.contains(KeyModifiers::CONTROL) => interrupt.ask(),
            _ => {}
        }
    }
}
