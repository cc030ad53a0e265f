// Light, dark, or as the system has it. The choice is kept in this browser.

const kKey = 'weir.theme';
const kChoices = ['auto', 'light', 'dark'];
const kShort = {auto: 'Auto', light: 'Light', dark: 'Dark'};
const kWords = {auto: 'Auto: colours as the system has them', light: 'Light colours', dark: 'Dark colours'};

function stored() {
  try {
    const choice = localStorage.getItem(kKey);
    return kChoices.includes(choice) ? choice : 'auto';
  } catch {
    return 'auto';  // a browser that keeps nothing
  }
}

function show(choice) {
  if (choice === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}

/** Makes button step through the choices. */
export function start_theme(button, announce) {
  let choice = stored();
  const label = () => {
    button.textContent = kShort[choice];
    button.setAttribute('aria-label', kWords[choice]);
  };
  show(choice);
  label();
  button.addEventListener('click', () => {
    choice = kChoices[(kChoices.indexOf(choice) + 1) % kChoices.length];
    show(choice);
    label();
    announce(kWords[choice]);
    try {
      localStorage.setItem(kKey, choice);
    } catch {
      return;  // it holds until the page is left
    }
  });
}
