// Behaviour shared by all pages; every page also works without it, only less comfortably.
// Hooks are data-* attributes, described where each part begins. Nothing here reads or keeps personal data.
"use strict";

const page = document.body;
const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

function say(text, tone = "bad") {
  const area = document.getElementById("toasts");
  if (!area || !text) return;
  const note = document.createElement("div");
  note.className = `notice notice-${tone}`;
  note.textContent = text;
  area.append(note);
  setTimeout(() => note.remove(), 8000);
}

// --- htmx: a failed request is said aloud; polling needs nothing here, finished parts carry no trigger any more.
// An answer with an error status is put in place when it is a form with its errors (422).
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.responseText.includes('<body class="entrance"')) { // session over: the login, not a piece of this page
    event.detail.shouldSwap = false;
    location.reload();
  } else if (event.detail.xhr.status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
let silent = false; // a poll that fails repeats; one notice is enough
document.addEventListener("htmx:sendError", () => {
  if (!silent) say(page.dataset.textOffline);
  silent = true;
});
document.addEventListener("htmx:afterOnLoad", () => { silent = false; });
document.addEventListener("htmx:responseError", () => {
  if (!silent) say(page.dataset.textError);
  silent = true;
});

// --- Navigation drawer: [data-nav-toggle] opens, [data-nav-close], Esc and a click on the scrim close.
const drawer = document.getElementById("navigation");
let opener = null;

function showDrawer(open) {
  if (!drawer) return;
  page.classList.toggle("nav-open", open);
  each("[data-nav-toggle]", (button) => button.setAttribute("aria-expanded", String(open)));
  each("[data-nav-close]", (scrim) => { scrim.hidden = !open; });
  if (open) drawer.querySelector("a")?.focus();
  else opener?.focus();
}

document.addEventListener("click", (event) => {
  const toggle = event.target.closest("[data-nav-toggle]");
  if (toggle) {
    const open = !page.classList.contains("nav-open");
    if (open) opener = toggle;
    showDrawer(open);
  } else if (event.target.closest("[data-nav-close]")) showDrawer(false);
});
drawer?.addEventListener("focusout", (event) => {
  if (page.classList.contains("nav-open") && event.relatedTarget && !drawer.contains(event.relatedTarget)) showDrawer(false);
});

// --- Menus: <details data-menu> closes on Esc and on a click elsewhere.
document.addEventListener("click", (event) => each("details[data-menu][open]", (menu) => {
  if (!menu.contains(event.target)) menu.open = false;
}));

// --- Dialogs: [data-dialog-open="id"] opens <dialog id>, [data-dialog-close] closes it. Esc is the browser's.
document.addEventListener("click", (event) => {
  const open = event.target.closest("[data-dialog-open]");
  if (open) document.getElementById(open.dataset.dialogOpen)?.showModal();
  else if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog")?.close();
});

// --- Keys: "/" goes to the search field, Esc closes what is open, arrows walk through the rows of table[data-rows].
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") {
    each("details[data-menu][open]", (menu) => { menu.open = false; menu.querySelector("summary").focus(); });
    if (page.classList.contains("nav-open")) showDrawer(false);
  } else if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const field = document.querySelector("[data-search-key], form.filters input[name=q]");
    if (field) { event.preventDefault(); field.focus(); field.select(); }
  } else if (!typing && ["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) walkRows(event);
});

function walkRows(event) {
  const row = event.target.closest("table[data-rows] tbody tr");
  if (!row) return;
  const rows = [...row.parentElement.rows].filter((other) => other.querySelector("a"));
  const at = rows.indexOf(row);
  const next = { ArrowDown: rows[at + 1], ArrowUp: rows[at - 1], Home: rows[0], End: rows[rows.length - 1] }[event.key];
  if (!next) return;
  event.preventDefault();
  const cell = event.target.closest("td, th");
  (next.cells[cell ? cell.cellIndex : 0]?.querySelector("a") || next.querySelector("a")).focus();
  next.scrollIntoView({ block: "nearest" });
}

// --- Check boxes in front of rows: [data-pick-all] in the head ticks them all.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-pick-all]")) return;
  each("tbody .pick input", (box) => { box.checked = event.target.checked; }, event.target.closest("table"));
});

// --- A form is sent once. Links and forms marked data-download leave the page standing and are free again soon.
// htmx requests do not pass here: hx-disabled-elt is their own way.
function release(form) {
  delete form.dataset.sent;
  each("button[data-words]", (button) => {
    button.disabled = false;
    button.replaceChildren(...button.keptNodes);
    delete button.dataset.words;
  }, form);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  setTimeout(() => { // after the browser has read the form, or the pressed button's value would be lost
    each("button[type=submit], button:not([type])", (button) => {
      button.keptNodes = [...button.childNodes];
      button.dataset.words = "kept";
      button.disabled = true;
    }, form);
    const pressed = event.submitter;
    if (pressed?.dataset.words && form.method === "post") pressed.textContent = page.dataset.textBusy;
    if (form.hasAttribute("data-download")) setTimeout(() => release(form), 3000);
  });
});
window.addEventListener("pageshow", () => each("form[data-sent]", release)); // back button

// --- Upload box: shows name and size, takes a dropped file, refuses one above data-max-bytes before sending it.
function readableSize(bytes) {
  return bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

document.addEventListener("change", (event) => {
  const input = event.target;
  const box = input.closest?.("[data-upload]");
  if (!box || input.type !== "file") return;
  const file = input.files[0];
  const limit = Number(input.dataset.maxBytes || 0);
  const tooBig = Boolean(file && limit && file.size > limit);
  box.querySelector("[data-upload-name]").textContent = file ? `${file.name}（${readableSize(file.size)}）` : "";
  const error = box.querySelector("[data-upload-error]");
  error.hidden = !tooBig;
  error.querySelector("span").textContent = tooBig ? `${input.dataset.tooBig}（≤ ${readableSize(limit)}）` : "";
  input.setCustomValidity(tooBig ? input.dataset.tooBig : "");
});
each("[data-upload]", (box) => {
  const input = box.querySelector("input[type=file]");
  ["dragenter", "dragover"].forEach((name) => box.addEventListener(name, (event) => {
    event.preventDefault();
    box.classList.add("upload-over");
  }));
  ["dragleave", "drop"].forEach((name) => box.addEventListener(name, () => box.classList.remove("upload-over")));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
});

// --- Drafts: <form data-draft="name"> is kept in this tab (sessionStorage) while it is filled in and offered again when
// the page comes back without it. Fields marked data-private (or inside such an element), passwords, files and hidden
// fields are never kept. A draft belongs to one officer and one address; logging out forgets all.
const DRAFT = "draft:";
const draftKey = (form) => `${DRAFT}${page.dataset.officer}:${location.pathname}:${form.dataset.draft}`;
const draftKeys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(DRAFT));
const keepable = (field) => field.name && !field.disabled && !field.closest("[data-private]") &&
  !["password", "file", "hidden", "submit", "button", "reset"].includes(field.type);

function collect(form) {
  return [...form.elements].filter(keepable).map((field) => ["checkbox", "radio"].includes(field.type)
    ? [field.name, field.value, field.checked] : [field.name, field.value]);
}

function restore(form, values) {
  const places = {};
  values.forEach(([name, value, checked]) => {
    const fields = [...form.elements].filter((field) => field.name === name && keepable(field));
    if (checked === undefined) {
      const field = fields[places[name] = (places[name] ?? -1) + 1];
      if (field) field.value = value;
    } else fields.filter((field) => field.value === value).forEach((field) => { field.checked = checked; });
  });
}

function offer(form, kept) {
  const note = form.querySelector("template[data-draft-offer]")?.content.firstElementChild.cloneNode(true);
  if (!note) return;
  note.querySelector("[data-draft-time]").textContent = new Date(kept.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
  note.querySelector("[data-draft-restore]").addEventListener("click", () => { restore(form, kept.values); note.remove(); });
  note.querySelector("[data-draft-drop]").addEventListener("click", () => { sessionStorage.removeItem(draftKey(form)); note.remove(); });
  form.prepend(note);
}

function keepDraft(form, sent) {
  sessionStorage.setItem(draftKey(form), JSON.stringify({ at: Date.now(), sent, values: collect(form) }));
}

if (page.dataset.officer) { // another officer in the same tab never sees the first one's drafts
  draftKeys().filter((key) => !key.startsWith(`${DRAFT}${page.dataset.officer}:`)).forEach((key) => sessionStorage.removeItem(key));
}
if (document.querySelector(".messages .notice-good")) { // what was sent has arrived
  draftKeys().filter((key) => JSON.parse(sessionStorage.getItem(key)).sent).forEach((key) => sessionStorage.removeItem(key));
}
each("form[data-draft]", (form) => {
  let timer = 0;
  const kept = JSON.parse(sessionStorage.getItem(draftKey(form)) || "null");
  const before = JSON.stringify(collect(form));
  const refused = form.querySelector(".is-invalid, .notice-bad"); // the server has given everything back already
  if (kept && !refused && JSON.stringify(kept.values) !== before) offer(form, kept);
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => keepDraft(form, false), 600);
  });
  form.addEventListener("submit", () => { clearTimeout(timer); keepDraft(form, true); });
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-forget-drafts]")) draftKeys().forEach((key) => sessionStorage.removeItem(key));
});

// --- Charts drawn in the browser are loaded only where one stands, also when htmx brings it in later.
const loaded = {};
const load = (address) => loaded[address] ??= new Promise((done, failed) => {
  const script = document.createElement("script");
  script.src = address;
  script.onload = done;
  script.onerror = failed;
  document.head.append(script);
});

async function drawCharts(root) {
  if (!root.querySelector?.("[data-chart]")) return;
  try {
    await load(page.dataset.echarts);
    await load(page.dataset.charts);
    each("[data-chart]", (place) => window.drawChart(place), root);
  } catch {
    say(page.dataset.textError);
  }
}
drawCharts(document);
document.addEventListener("htmx:load", (event) => drawCharts(event.detail.elt));
