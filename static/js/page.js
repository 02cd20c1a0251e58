// What every page gains from script: menus that close, messages that go, a theme without a reload.
// Nothing here is needed: each piece has a plain form or link underneath.

const root = document.documentElement;
root.classList.add("js");

const menus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of menus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const close = event.target.closest("[data-close]");
  if (close) close.closest("details").open = false;

  const dismiss = event.target.closest("[data-dismiss]");
  if (dismiss) dismiss.closest(".notice").remove();

  const copy = event.target.closest("[data-copy]");
  if (copy) copyText(copy);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// <button data-copy="#id" data-copied="Copied"> copies the text of another element.
async function copyText(button) {
  const source = document.querySelector(button.dataset.copy);
  if (!source || !navigator.clipboard) return;
  await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
  const label = button.querySelector("span") ?? button;
  const before = label.textContent;
  label.textContent = button.dataset.copied ?? before;
  setTimeout(() => (label.textContent = before), 1600);
}

// The server reads the same cookie, so the next page is drawn in the chosen theme from its first byte.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-switch]");
  const choice = event.submitter?.value;
  if (!form || !choice) return;
  event.preventDefault();
  const secure = location.protocol === "https:" ? "; secure" : "";
  if (choice === "auto") {
    delete root.dataset.theme;
    document.cookie = `theme=; path=/; max-age=0; samesite=lax${secure}`;
  } else {
    root.dataset.theme = choice;
    document.cookie = `theme=${choice}; path=/; max-age=31536000; samesite=lax${secure}`;
  }
  for (const button of document.querySelectorAll("[data-theme-switch] button")) {
    if (button.value === choice) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
});

// After an htmx swap the fresh form's error summary gets the focus, as on a full page.
const focusErrors = (scope) => scope.querySelector("[data-focus]")?.focus();
focusErrors(document);
document.addEventListener("htmx:afterSettle", (event) => focusErrors(event.target));

// A print button is an enhancement: browsers have their own.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
