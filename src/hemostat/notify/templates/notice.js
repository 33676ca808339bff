const said = document.getElementById("said");
for (const button of document.querySelectorAll("[data-copy]")) {
  const value = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(value.innerText);
      said.textContent = "Copié.";
    } catch {
      getSelection().selectAllChildren(value);
      said.textContent = "Sélectionné\u00a0: copiez avec Ctrl+C.";
    }
  });
}
