/** Undo and redo as a line of snapshots; commands need not know about it beyond saying `remember`. */

export interface History<T> {
  past: T[]
  future: T[]
}

const LONGEST = 200

export function emptyHistory<T>(): History<T> {
  return { past: [], future: [] }
}

/** Keep `before` as the step to go back to; what had been undone is gone. Equal snapshots are one step. */
export function remember<T>(history: History<T>, before: T): History<T> {
  const last = history.past.at(-1)
  if (last !== undefined && JSON.stringify(last) === JSON.stringify(before)) return { past: history.past, future: [] }
  return { past: [...history.past, before].slice(-LONGEST), future: [] }
}

export function stepBack<T>(history: History<T>, now: T): { history: History<T>; value: T } | null {
  const value = history.past.at(-1)
  if (value === undefined) return null
  return { history: { past: history.past.slice(0, -1), future: [now, ...history.future] }, value }
}

export function stepForward<T>(history: History<T>, now: T): { history: History<T>; value: T } | null {
  const [value, ...rest] = history.future
  if (value === undefined) return null
  return { history: { past: [...history.past, now], future: rest }, value }
}
