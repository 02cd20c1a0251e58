/* Says in the page when a passkey could not be used; the scripts of allauth only log it. */
document.addEventListener("allauth.error", (event) => {
  const said = document.querySelector("[data-passkey-problem]");
  if (!said) return;
  event.preventDefault();
  said.hidden = false;
  said.setAttribute("role", "alert");
});
