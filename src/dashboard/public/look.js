// Applies the stored theme before the first paint; without it a light page is dark until it has loaded.
try {
  const { theme } = JSON.parse(localStorage.getItem('oi.layout.v1')) ?? {};
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // No storage, or nothing readable in it.
}
