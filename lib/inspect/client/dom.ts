/** Making of elements. Text is always set as text, never as markup. */

/** What an element may get. */
export interface ElementOptions {
  readonly className?: string
  readonly title?: string
  readonly onClick?: () => void
}

/** Makes an element with children. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  options: ElementOptions = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  if (options.className !== undefined) made.className = options.className
  if (options.title !== undefined) made.title = options.title
  if (options.onClick !== undefined) made.addEventListener('click', options.onClick)
  made.append(...children)
  return made
}

/** The element that the page has under an id. */
export function byId<Type extends HTMLElement>(id: string): Type {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no element ${id}`)
  return found as Type
}
