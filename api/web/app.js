// The dashboard's page: signs in, loads, listens, and goes on offline with what it had.

import { FIRST_RETRY_MS, MAX_RETRY_MS, loader, spread } from "/loading.js";
import { ask, keepToken, renew, signOut, token } from "/session.js";
import { nearest, show } from "/view.js";
import { languages, wordsOf } from "/words.js";

const find = (id) => document.getElementById(id);
const state = { dashboard: null, strategies: [], prices: new Map(), savedAt: null, isRefused: false };
const language = () => localStorage.getItem("language") ?? languages.find((it) => navigator.language.startsWith(it)) ?? "en";
const loading = loader(load);

// Each part counts for itself: without its targets a dashboard is still one. What the service worker kept is for a
// page that has nothing; one that has was told of newer prices since.
async function load(isLast) {
  await renew();
  const asked = await Promise.allSettled([ask("/dashboard"), ask("/strategies?limit=100"), ask("/public/prices")]);
  if (!isLast()) return {};
  const isEmpty = !state.dashboard;
  const [dashboard, strategies, prices] = asked.map(({ value }) => (value && (isEmpty || !value.savedAt) ? value.body : null));
  state.dashboard = dashboard ?? state.dashboard;
  state.strategies = strategies?.strategies ?? state.strategies;
  const answers = asked.map((it) => it.value ?? it.reason);
  const failed = answers.filter((it) => it.savedAt || !(it.status < 400));
  state.savedAt = failed.find((it) => it.savedAt)?.savedAt ?? null;
  state.isRefused = failed.some((it) => !it.savedAt || it.status >= 400);
  takePrices(prices ?? []);
  return { failed: failed.length > 0, retryAfterMs: Math.max(0, ...failed.map((it) => it.retryAfterMs ?? 0)) };
}

function takePrices(prices) {
  for (const { symbol, price } of prices) state.prices.set(symbol, price);
  for (const holding of state.dashboard?.holdings ?? []) {
    const price = state.prices.get(holding.token.symbol);
    if (price !== undefined) revalue(holding, price);
  }
  draw();
}

// What is being loaded may be from before.
function takeForecasts(forecasts) {
  const summaries = new Map(forecasts.map(({ id, summary }) => [id, summary]));
  for (const it of state.dashboard?.forecasts ?? []) it.summary = summaries.get(it.id) ?? it.summary;
  if (loading.isUnderWay()) loading.soon();
  draw();
}

function revalue(holding, price) {
  const { totals } = state.dashboard;
  const before = holding.currentValue;
  Object.assign(holding, { currentPrice: price, currentValue: holding.quantity * price });
  for (const [it, value] of [[holding, holding.currentValue], [totals, totals.currentValue + holding.currentValue - before]]) {
    it.currentValue = value;
    it.profitLoss = value - it.investedAmount;
    it.profitLossPercentage = it.investedAmount ? (it.profitLoss / it.investedAmount) * 100 : 0;
  }
}

function draw() {
  const words = wordsOf(language());
  document.documentElement.lang = language();
  find("language").value = language();
  for (const it of document.querySelectorAll("[data-text]")) {
    // Written once: a reader would say an alert again.
    if (it.textContent !== words[it.dataset.text]) it.textContent = words[it.dataset.text];
  }
  const isIn = Boolean(token() && state.dashboard);
  find("sign-in").hidden = Boolean(token());
  find("dashboard").hidden = !isIn;
  find("sign-out").hidden = !token();
  find("trouble").hidden = !(token() && state.isRefused);
  find("loading").hidden = !token() || isIn || state.isRefused;
  find("age").hidden = !(isIn && state.savedAt);
  const ageOf = state.isRefused ? words.asOf : words.offline;
  if (state.savedAt) find("age").textContent = ageOf(new Date(state.savedAt).toLocaleString(language()));
  if (isIn) show(state.dashboard, nearest(state.strategies, state.prices), words, language());
}

// What was said while nobody listened is in what is loaded when one listens again.
async function listen(retryMs = FIRST_RETRY_MS, isFirst = true) {
  await renew();
  if (!token()) return;
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws`, ["bearer", token()]);
  let againMs = retryMs;
  socket.onopen = () => {
    againMs = FIRST_RETRY_MS;
    if (!isFirst) loading.soon();
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "prices") takePrices(message.prices);
    if (message.type === "forecasts") takeForecasts(message.forecasts);
    if (message.type === "changed") loading.soon();
    if (message.type === "reconnect") againMs = message.afterMs;
  };
  socket.onclose = () => {
    const nextMs = Math.min(Math.max(againMs * 2, FIRST_RETRY_MS), MAX_RETRY_MS);
    setTimeout(() => listen(nextMs, false), spread(againMs));
  };
}

async function signIn(event) {
  event.preventDefault();
  const form = new FormData(event.target);
  find("problem").textContent = "";
  try {
    const body = JSON.stringify({ email: form.get("email"), password: form.get("password") });
    const signedIn = await ask("/auth/signin", { method: "POST", headers: { "content-type": "application/json" }, body });
    keepToken(signedIn.body.accessToken);
    event.target.reset();
    start();
  } catch (error) {
    const words = wordsOf(language());
    find("problem").textContent = words.refused[error.status] ?? words.failed;
  }
}

function start() {
  draw();
  if (!token()) return;
  loading.now();
  listen();
}

find("sign-in").addEventListener("submit", signIn);
find("sign-out").addEventListener("click", signOut);
find("language").addEventListener("change", ({ target }) => { localStorage.setItem("language", target.value); draw(); });
find("again").addEventListener("click", loading.now);
addEventListener("online", () => token() && loading.now());
addEventListener("offline", () => token() && loading.now());
start();
// Without one there is no page when there is no network; that is all.
navigator.serviceWorker?.register("/service-worker.js", { type: "module" }).catch(() => {});
