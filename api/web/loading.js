// When to load: at once, soon, or again after a failure.

export const FIRST_RETRY_MS = 1000;
export const MAX_RETRY_MS = 60_000;
// What tells one page to load tells others too; they come spread over so long.
const SOON_MS = 1000;

export const spread = (ms) => ms * (0.5 + Math.random() / 2);

// Longer after each failure, never less than the server asks for, and no two pages at the same moment.
export const pauseMs = (failures, retryAfterMs = 0) =>
  retryAfterMs + spread(Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), MAX_RETRY_MS));

// Loads when it is told to, and after a failure until it succeeds. `load` says whether it failed. Only the last one's
// answers count, so each is given a function that tells whether it is still the last.
export function loader(load) {
  let timer = null;
  let failures = 0;
  let last = 0;
  let underWay = 0;

  function after(ms) {
    timer ??= setTimeout(now, ms);
  }

  async function now() {
    clearTimeout(timer);
    timer = null;
    const turn = ++last;
    underWay += 1;
    const { failed, retryAfterMs } = await load(() => turn === last);
    underWay -= 1;
    if (turn !== last) return;
    failures = failed ? failures + 1 : 0;
    if (failed) after(pauseMs(failures, retryAfterMs));
  }

  return { now, soon: () => after(Math.random() * SOON_MS), isUnderWay: () => underWay > 0 };
}
