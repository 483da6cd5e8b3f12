/** Light and dark. */

/** Lets a button switch the scheme, which is the system's until then. */
export function listenToTheme(button: HTMLElement, onChange: () => void): void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const { dataset } = document.documentElement
  const isDark = () => (dataset.theme === undefined ? system.matches : dataset.theme === 'dark')
  const name = () => {
    button.textContent = isDark() ? 'Light' : 'Dark'
  }
  const change = () => {
    name()
    onChange()
  }
  button.addEventListener('click', () => {
    dataset.theme = isDark() ? 'light' : 'dark'
    change()
  })
  system.addEventListener('change', change)
  name()
}
