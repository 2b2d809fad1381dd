// Enhances markup that works without it: chart tooltips, ageing times, notices that go, menus that close. No handlers in markup, no eval.

const set = (element, values) => Object.entries(values).forEach((pair) => element.setAttribute(...pair));

/** Makes a drawn chart a slider that reads its table. */
function enliven(plot) {
  const table = document.getElementById(plot.dataset.chart);
  if (!table || plot.matches("[role=slider]")) return;
  const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
  if (!rows.length) return;
  const tip = plot.appendChild(document.createElement("div"));
  set(tip, { class: "tip", hidden: "", "aria-hidden": true });
  let at = rows.length - 1;
  for (const dots of plot.querySelectorAll("[data-at]"))
    dots.dataset.at.split(",").forEach((spot, i) => {
      const [cx, cy] = spot.split(" ");
      const mark = dots.appendChild(document.createElementNS(dots.namespaceURI, "circle"));
      set(mark, { cx, cy: cy ?? 9, r: cy ? 4 : 0.1, "data-i": i });
    });
  const words = ([day, now, before, change]) => {
    const why = now.replace("– n", "N").replace(/data$/, "$& from TikTok");
    const head = !/\d/.test(now) ? why : now.endsWith("%") ? now : `${now} ${plot.dataset.unit}`;
    const against = before && /\d/.test(before) ? ` · ${/\d/.test(change) ? `${change} vs ${before}` : `${before} before`}` : "";
    return [head, `${day}${against}`];
  };
  const marks = () =>
    [...plot.querySelectorAll("[data-i]")].map((mark) => [mark, mark.getBoundingClientRect()]).filter(([, box]) => box.width);
  const tell = () => {
    const said = words(rows[at]);
    set(plot, { "aria-valuenow": at + 1, "aria-valuetext": `${said[1]}: ${said[0]}` });
    return said;
  };
  const show = (index) => {
    at = Math.max(0, Math.min(rows.length - 1, index));
    const [head, line] = tell();
    tip.replaceChildren(Object.assign(document.createElement("b"), { textContent: head }), line);
    tip.hidden = false;
    plot.classList.add("live");
    for (const mark of plot.querySelectorAll("[data-i]")) mark.classList.toggle("on", Number(mark.dataset.i) === at);
    const [, box] = marks().find(([mark]) => mark.matches(".on")) ?? [];
    if (!box) return;
    const frame = plot.getBoundingClientRect();
    const x = box.left + box.width / 2 - frame.left - tip.offsetWidth / 2;
    const y = box.top - frame.top - tip.offsetHeight - 10;
    tip.style.transform = `translate(${Math.max(0, Math.min(frame.width - tip.offsetWidth, x))}px, ${Math.max(-52, y)}px)`;
  };
  const hide = () => {
    tip.hidden = true;
    plot.classList.remove("live");
    for (const mark of plot.querySelectorAll(".on")) mark.classList.remove("on");
  };

  set(plot, { tabindex: 0, role: "slider", "aria-valuemin": 1, "aria-valuemax": rows.length });
  tell();
  plot.addEventListener("pointermove", (event) => {
    const gap = ([, box]) => Math.abs(box.left + box.width / 2 - event.clientX);
    const [near] = marks().sort((a, b) => gap(a) - gap(b));
    if (near) show(Number(near[0].dataset.i));
  });
  plot.addEventListener("pointerleave", hide);
  plot.addEventListener("focus", () => plot.matches(":focus-visible") && show(at));
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -rows.length, End: rows.length }[event.key];
    if (step) {
      event.preventDefault();
      show(at + step);
    }
    if (event.key === "Escape") hide();
  });
}

/** "4 min ago" stays true; counted from the server's clock, which may be ahead of this one. */
const lead = Date.parse(document.documentElement.dataset.now) - Date.now() || 0;
function ages() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const minutes = Math.floor((Date.now() + lead - Date.parse(time.dateTime)) / 60000);
    const [n, brief, long] =
      minutes < 60 ? [minutes, "m", " min"] : minutes < 1440 ? [Math.floor(minutes / 60), "h", " h"] : [Math.floor(minutes / 1440), "d", minutes < 2880 ? " day" : " days"];
    if (n >= 1 && minutes < 31 * 1440) time.textContent = `${n}${time.dataset.ago === "short" ? brief : long} ago`;
  }
}

function prepare(root) {
  for (const plot of root.querySelectorAll("[data-chart]")) enliven(plot);
  for (const button of root.querySelectorAll("[data-dismiss]")) button.hidden = false;
  root.querySelector("[data-focus]")?.focus();
}

document.addEventListener("click", (event) => {
  const dismiss = event.target.closest("[data-dismiss]");
  if (dismiss) {
    dismiss.closest(".note").remove();
    document.getElementById("main")?.focus();
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});
// The first sync is watched for two minutes; whoever stays longer reloads the page.
document.addEventListener("htmx:beforeRequest", (event) => {
  const seconds = Number(event.target.dataset.pollFor);
  if (seconds && performance.now() > seconds * 1000) event.preventDefault();
});
// Somebody on the way to another page is not to be taken elsewhere by what a poll of this one still answers. A download
// also begins as a way to another page, and leaves one here: so it holds for seconds only.
let leaving = -Infinity;
addEventListener("beforeunload", () => { leaving = performance.now(); });
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (performance.now() - leaving < 10000 && event.detail.elt.matches("[hx-trigger^=every]")) event.preventDefault();
});
document.addEventListener("htmx:afterSwap", (event) => prepare(event.target));
prepare(document);
setInterval(ages, 30000);
