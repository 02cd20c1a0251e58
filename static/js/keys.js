// One-key answers: <button data-key="I">, <a data-key="J">. Off while one types or holds a modifier.
// Lists: data-key-list on the list, J and K move the focus among its [data-key-item] links;
// X marks or unmarks the [data-key-row] that one is in.

const typing = (target) =>
  target.isContentEditable || target.matches?.("input, textarea, select, [role='textbox']");

const visible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.isComposing || typing(event.target)) return;
  const key = event.key.toUpperCase();

  if (key === "/") {
    const box = [...document.querySelectorAll("[data-search-box]")].find(visible);
    if (box) {
      event.preventDefault();
      box.focus();
      box.select?.();
    }
    return;
  }

  const target = [...document.querySelectorAll("[data-key]")].find(
    (element) => element.dataset.key.toUpperCase() === key && visible(element),
  );
  if (target) {
    event.preventDefault();
    target.click();
    return;
  }

  if (key === "X") {
    const box = event.target.closest?.("[data-key-row]")?.querySelector("input[type=checkbox]");
    if (box) {
      event.preventDefault();
      box.click();
    }
    return;
  }

  if (key === "J" || key === "K") {
    const items = [...document.querySelectorAll("[data-key-list] [data-key-item]")].filter(visible);
    if (items.length === 0) return;
    const now = items.indexOf(document.activeElement);
    const next = now < 0 ? 0 : now + (key === "J" ? 1 : -1);
    items[Math.max(0, Math.min(items.length - 1, next))].focus();
    event.preventDefault();
  }
});
