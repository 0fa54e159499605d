// Counts characters without white space while one writes. Without it the page says the count after saving.
for (const line of document.querySelectorAll("[data-count-of]")) {
  const field = document.getElementById(line.dataset.countOf);
  const limit = Number(field.dataset.count);
  const now = line.querySelector("[data-count-now]");
  const over = line.querySelector("[data-count-over]");
  const show = () => {
    const length = [...field.value.replace(/\s+/gu, "")].length;
    now.textContent = length;
    over.hidden = length <= limit;
    line.classList.toggle("is-over", length > limit);
  };
  field.addEventListener("input", show);
  show();
}
