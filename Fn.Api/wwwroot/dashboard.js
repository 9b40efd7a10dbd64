// What the server cannot do for a page: start its connection, copy to the clipboard, and keep a log at its end.
(() => {
  // A WebSocket at once: negotiating first would need both requests to reach the same gateway.
  const webSockets = 1;
  Blazor.start({
    circuit: { configureSignalR: builder => builder.withUrl('_blazor', { skipNegotiation: true, transport: webSockets }) },
  }).then(() => globalThis.fnTheme.apply());

  const copy = async text => {
    if (navigator.clipboard && isSecureContext)
      return navigator.clipboard.writeText(text);
    // Over plain http beyond this machine browsers give no clipboard.
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'out-of-sight';
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  };

  document.addEventListener('click', async event => {
    const button = event.target.closest?.('[data-copy]');
    if (!button)
      return;
    await copy(button.dataset.copy);
    button.dataset.copied = '';
    setTimeout(() => delete button.dataset.copied, 1500);
  });

  // A link to a place on the page is a navigation to Blazor, which leaves the focus where it was.
  document.addEventListener('click', event => {
    if (!event.target.closest?.('.skip'))
      return;
    event.preventDefault();
    event.stopPropagation();
    document.getElementById('main').focus();
  }, { capture: true });

  // A log that is read at its end stays there when lines come; one that was scrolled up stays where it is.
  new MutationObserver(changes => {
    for (const log of new Set(changes.map(change => change.target.closest?.('[data-follow]')).filter(Boolean))) {
      if (log.dataset.follow === 'true')
        log.scrollTop = log.scrollHeight;
    }
  }).observe(document.body, { childList: true, subtree: true });

  // A page that nobody sees is not kept up to date. What could not be said while the connection was lost is said when it is there again.
  let sight = null;
  const tellSight = () => sight?.invokeMethodAsync('Tell', document.visibilityState === 'visible').catch(() => {});
  document.addEventListener('visibilitychange', tellSight);

  const notice = document.getElementById('components-reconnect-modal');
  notice.addEventListener('components-reconnect-state-changed', event => {
    // The gateway that knew this page is gone, or forgot it: a fresh page does not need it.
    if (event.detail.state === 'rejected')
      location.reload();
    else
      notice.dataset.state = event.detail.state;
    if (event.detail.state === 'hide')
      tellSight();
  });
  document.addEventListener('click', async event => {
    if (!event.target.closest?.('[data-reconnect]'))
      return;
    if (!await Blazor.reconnect().catch(() => false))
      location.reload();
  });

  globalThis.fn = {
    tellSight,
    // The page's connection stands. Takes whom to tell whether the page is seen; answers how many minutes this browser's clock is ahead of UTC.
    begin: told => {
      document.documentElement.dataset.alive = '';
      sight = told;
      tellSight();
      return -new Date().getTimezoneOffset();
    },
  };
})();
