// Forms: how many characters are left, what is not saved yet, saved while one writes.

// --- characters left: <textarea data-counted="id-of-output" maxlength> -----------------------------
function count(control) {
  const output = document.getElementById(control.dataset.counted);
  if (!output) return;
  const limit = Number(output.dataset.length);
  const used = [...control.value].length;
  output.textContent = `${used} / ${limit}`;
  output.classList.toggle("is-near", used > limit * 0.9 && used <= limit);
  output.classList.toggle("is-over", used > limit);
}

// --- unsaved: <form data-unsaved="Leave without saving?"> -------------------------------------------
const dirty = new WeakSet();
let leavingIsMeant = false;

window.addEventListener("beforeunload", (event) => {
  if (leavingIsMeant) return;
  for (const form of document.querySelectorAll("form[data-unsaved]")) {
    if (dirty.has(form)) {
      event.preventDefault();
      return;
    }
  }
});

document.addEventListener("submit", () => {
  leavingIsMeant = true;
  setTimeout(() => (leavingIsMeant = false), 4000);
});

document.addEventListener("input", (event) => {
  const control = event.target;
  if (control.dataset?.counted) count(control);
  const form = control.form;
  if (form?.matches("[data-unsaved], [data-autosave]")) dirty.add(form);
  if (form?.matches("[data-autosave]")) say(form, "waiting");
});

// --- autosave: htmx posts the form (hx-post, hx-trigger="input delay:1s from:this"); this says how it went
// <form data-autosave="#status" data-waiting="Not saved yet" data-saving="Saving"
//       data-saved="Saved" data-failed="Not saved; your text is kept here">
function say(form, state) {
  const place = document.querySelector(form.dataset.autosave);
  if (!place) return;
  place.classList.toggle("is-wrong", state === "failed");
  const words = form.dataset[state];
  if (words) place.textContent = words;
}

const autosaved = (event) => event.target.closest?.("form[data-autosave]");

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = autosaved(event);
  if (form) say(form, "saving");
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = autosaved(event);
  if (!form) return;
  if (event.detail.successful) dirty.delete(form);
  say(form, event.detail.successful ? "saved" : "failed");
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    const form = autosaved(event);
    if (form) say(form, "failed");
  });
}

// --- submit on change: <select data-submit> in a GET form; the button stays for those without script
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// --- mark all: <input type="checkbox" data-check-all="name"> in a form; hidden without script
document.addEventListener("change", (event) => {
  const name = event.target.dataset?.checkAll;
  if (!name) return;
  for (const box of event.target.form.querySelectorAll(`input[type=checkbox][name="${name}"]`)) {
    box.checked = event.target.checked;
  }
});

function prepare(scope) {
  for (const box of scope.querySelectorAll("[data-check-all]")) box.closest("label").hidden = false;
  for (const control of scope.querySelectorAll("[data-counted]")) count(control);
}

prepare(document);
document.addEventListener("htmx:afterSettle", (event) => prepare(event.target));
