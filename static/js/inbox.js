// Keys for the comment inbox, only while its list or the open comment has the focus, and only until somebody switches them off.

const list = document.getElementById("rows");
const store = window.localStorage;
const OFF = "inbox-keys-off";
let lead = 0; // when "g" was pressed
let wanted = "";

const rows = () => (list ? [...list.children] : []);
const linkOf = (row) => row?.querySelector(":scope > a") ?? row;
const here = () => document.activeElement?.closest?.("#rows > li") ?? rows().find((row) => row.classList.contains("on")) ?? null;
const isOn = () => !store.getItem(OFF);
const isOpen = (row) => row && document.getElementById("thread")?.dataset.id === row.dataset.id;

function mark(row) {
  for (const other of rows()) other.classList.toggle("on", other === row);
}
function go(row) {
  if (!row) return;
  linkOf(row).focus();
  row.scrollIntoView({ block: "nearest" });
}
function step(by) {
  const all = rows();
  const at = all.indexOf(here());
  go(all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))]);
}
function open(row) {
  if (row?.querySelector(":scope > a")) row.querySelector(":scope > a").click();
}
/** The nearest row that still waits: below, or else above. */
function neighbour(row) {
  const all = rows();
  const at = all.indexOf(row);
  return [...all.slice(at + 1), ...all.slice(0, at).reverse()].find((other) => !other.classList.contains("gone"));
}
const acts = new Map(); // the last act of each row: the next one waits for it, as it is said of what that one leaves
/** Posts an act for a row and puts its answer in the row's place. The focus moves on at once, so that the next key finds its row. */
function act(row, path, values = {}) {
  if (!row?.dataset.id || row.classList.contains("gone")) return;
  const { id } = row.dataset;
  const stays = path === "assignment"; // the link has an id, by which the focus survives the swap
  const next = stays ? row : neighbour(row);
  go(next);
  const post = async () => {
    const fresh = document.getElementById(`row-${id}`);
    const beside = isOpen(fresh);
    await window.htmx.ajax("POST", `/community/${id}/${path}`, {
      source: fresh,
      target: beside ? "#thread" : `#row-${id}`,
      swap: "outerHTML",
      values: { back: location.search.slice(1), ...values },
    });
    if (!next) go(document.getElementById(`row-${id}`));
    else if (beside && !stays) open(document.getElementById(next.id));
  };
  acts.set(id, (acts.get(id) ?? Promise.resolve()).then(post));
}
function undo() {
  const gone = rows().filter((row) => row.classList.contains("gone") && row.querySelector("form"));
  const last = gone.find((row) => row.dataset.last) ?? gone.at(-1);
  last?.querySelector("button")?.click();
}
/** Into a field of the open comment; opens it first where it is not. */
function into(selector, row) {
  if (row && !isOpen(row)) {
    wanted = selector;
    return open(row);
  }
  document.querySelector(selector)?.focus();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  e: (row) => act(row, "done"),
  a: (row) => act(row, "assignment", { assignee: "me" }),
  l: (row) => act(row, "later", { until: "tomorrow" }),
  t: (row) => into("#tag-name", row),
  n: (row) => into("#id_text", row),
  r: (row) => into("#id_reply", row),
  x: (row) => row?.querySelector("input[type=checkbox]")?.click(),
  z: () => undo(),
};
const FOR_ALL = ["j", "k", "ArrowDown", "ArrowUp"];
const GOES = { p: "/performance", r: "/reports", c: "/community" };

document.addEventListener("keydown", (event) => {
  if (!list || event.ctrlKey || event.metaKey || event.altKey || !isOn()) return;
  const inField = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape" && event.target.closest("#thread, .find")) return go(here() ?? rows()[0]);
  if (inField || !event.target.closest(".list, #thread")) return;
  if (Date.now() - lead < 1500 && GOES[event.key]) return void (location.href = GOES[event.key]);
  lead = event.key === "g" ? Date.now() : 0;
  if (event.key === "?") return showKeys();
  if (event.key === "/") {
    event.preventDefault();
    return document.getElementById("q").focus();
  }
  const does = KEYS[event.key];
  if (!does || (list.dataset.keys !== "all" && !FOR_ALL.includes(event.key))) return;
  event.preventDefault();
  does(here());
});

function showKeys() {
  const help = document.getElementById("keys");
  help.classList.add("shown");
  help.focus();
}
const button = document.querySelector("[data-keys-switch]");
function tellSwitch() {
  button.textContent = isOn() ? "Keys are on" : "Keys are off";
  button.setAttribute("aria-pressed", String(isOn()));
}
if (button) {
  button.hidden = false;
  tellSwitch();
  button.addEventListener("click", () => {
    if (isOn()) store.setItem(OFF, "1");
    else store.removeItem(OFF);
    tellSwitch();
  });
}

/** Seconds until what waits goes, by the server's clock. */
const ahead = Date.parse(document.documentElement.dataset.now) - Date.now() || 0;
function countDown() {
  for (const text of document.querySelectorAll("[data-goes-text]")) {
    const left = Math.ceil((Date.parse(text.dataset.goesText) - Date.now() - ahead) / 1000);
    text.textContent = left > 0 ? `Sending in ${left} s` : "Sending";
  }
  for (const bar of document.querySelectorAll("[data-goes]")) {
    bar.hidden = false;
    bar.value = 10 - (Date.parse(bar.dataset.goes) - Date.now() - ahead) / 1000;
  }
}
/** How much room is left, counted as TikTok counts: in UTF-16 units, which is what a string's length is here. */
function countUnits() {
  for (const told of document.querySelectorAll("[data-count-for]")) {
    const left = Number(told.dataset.most) - document.getElementById(told.dataset.countFor).value.trim().length;
    told.textContent = left < 0 ? `${-left} too long.` : `${left} left.`;
    told.classList.toggle("over", left < 0);
  }
}
document.addEventListener("input", (event) => event.target.id === "id_reply" && countUnits());
setInterval(countDown, 500);

function prepare(root) {
  countDown();
  countUnits();
  for (const spare of root.querySelectorAll?.("[data-no-script]") ?? []) spare.hidden = true;
}
document.addEventListener("htmx:afterSwap", (event) => {
  const target = document.getElementById("thread");
  prepare(document);
  if (event.detail.requestConfig?.verb === "get" && target?.dataset.id) {
    mark(document.getElementById(`row-${target.dataset.id}`));
    if (wanted) document.querySelector(wanted)?.focus();
    else if (window.innerWidth < 832) target.querySelector(".back")?.focus();
    wanted = "";
  }
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const row = event.detail.target;
  for (const other of rows()) delete other.dataset.last;
  if (row?.id?.startsWith("row-")) row.dataset.last = "1";
});
prepare(document);
