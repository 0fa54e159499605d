// Small comforts; every page works without them.

// A form is sent once: a second tap on a slow line must not enter a record twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => { delete form.dataset.sent; }, 5000);
});

// 显示密码: one box for all password fields of a form.
for (const form of document.querySelectorAll("form[data-show-password]")) {
  const boxes = form.querySelectorAll('input[type="password"]');
  if (!boxes.length) continue;
  const label = document.createElement("label");
  label.className = "show-password";
  const toggle = document.createElement("input");
  toggle.type = "checkbox";
  toggle.addEventListener("change", () => {
    for (const box of boxes) box.type = toggle.checked ? "text" : "password";
  });
  label.append(toggle, "显示密码");
  boxes[boxes.length - 1].closest(".field").append(label);
  form.addEventListener("submit", () => {
    for (const box of boxes) box.type = "password";
  });
}

// Errors first: after a refused form the reader and the keyboard start at the summary.
document.querySelector("[data-error-summary]")?.focus();

// <button type="button" data-print hidden>打印</button>
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// <details data-folds open>: open on a wide screen, folded on a phone; a link to it opens it.
const folds = [...document.querySelectorAll("[data-folds]")];
if (folds.length && !window.matchMedia("(min-width: 48rem)").matches) folds.forEach((one) => { one.open = false; });
const unfold = () => { for (const one of folds) if (`#${one.id}` === window.location.hash) one.open = true; };
unfold();
window.addEventListener("hashchange", unfold);
window.addEventListener("beforeprint", () => folds.forEach((one) => { one.open = true; }));
