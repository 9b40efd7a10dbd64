// Runs before anything is drawn, so that no page flashes in the wrong colours. Three states: what the system says, light, dark.
(() => {
  const key = 'fn-theme';
  const modes = ['system', 'light', 'dark'];
  const read = () => {
    try {
      const kept = localStorage.getItem(key);
      return modes.includes(kept) ? kept : 'system';
    } catch {
      return 'system';
    }
  };
  const apply = mode => {
    document.documentElement.dataset.theme = mode;
    globalThis.Blazor?.theme?.setThemeMode(mode);
  };
  apply(read());
  globalThis.fnTheme = { apply: () => apply(read()) };
  document.addEventListener('click', event => {
    const button = event.target.closest?.('[data-theme-switch]');
    if (!button)
      return;
    const next = modes[(modes.indexOf(read()) + 1) % modes.length];
    try {
      localStorage.setItem(key, next);
    } catch {
      // Kept for this page only.
    }
    apply(next);
  });
})();
