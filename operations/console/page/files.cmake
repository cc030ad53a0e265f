# The page's files, which the server embeds. Paths are from this folder; each is served under its path.
set(console_page_files
  index.html console.js icon.svg
  css/base.css css/charts.css css/layout.css css/parts.css
  js/action.js js/announce.js js/api.js js/chart.js js/dialog.js js/dom.js js/format.js js/needs.js js/polled.js js/raw.js
  js/session.js js/state.js js/store.js js/stream.js js/table.js js/tables.js js/theme.js
  js/views/alerts.js js/views/deliveries.js js/views/groups.js js/views/letter.js js/views/letters.js js/views/log.js
  js/views/overview.js js/views/rollups.js js/views/tail.js js/views/topology.js)
