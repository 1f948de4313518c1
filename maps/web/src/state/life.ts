/** How the scheme that is looked at stands, what a person is about to do with it, and how that can be undone. */

import type { FileDoc, LifeDoc, LifeEventDoc } from '../contract/life'
import type { LifeState } from '../contract/resources'

export type LifeStep = 'accept' | 'extend' | 'withdraw' | 'built'

/** What the form begins with. */
export interface Wish {
  step: LifeStep
  /** The form undoes what was done last. */
  undoes: LifeEventDoc['action'] | null
  option: number | null
  until: string | null
}

export interface LifeError {
  text: string
  code: string
  rival: string | null
}

export interface LifeRoom {
  id: string | null
  doc: LifeDoc | null
  files: FileDoc[] | null
  asking: Wish | null
  busy: boolean
  error: LifeError | null
  /** What was just done, in words. */
  done: string | null
}

export function emptyLife(): LifeRoom {
  return { id: null, doc: null, files: null, asking: null, busy: false, error: null, done: null }
}

/** What may be done in each state, as the command line has it. */
export const STEPS: Record<LifeState, LifeStep[]> = {
  draft: ['accept', 'withdraw', 'built'],
  accepted: ['extend', 'withdraw', 'built'],
  expired: ['accept', 'withdraw', 'built'],
  withdrawn: ['accept'],
  superseded: [],
  built: [],
}

export const LIFE_STATES = Object.keys(STEPS) as LifeState[]

/** A conflict that an engineer may decide against, with a reason that is printed. */
export const OVERRIDABLE = ['scheme-infeasible', 'scheme-capacity']

/** The step that takes back the last one; null where the life of a scheme only goes forward. */
export function undoOf(doc: LifeDoc, today: string): Wish | null {
  const [last, ...before] = doc.history
  if (last === undefined) return null
  const held = before.find((one) => one.action === 'accept' || one.action === 'extend')
  const accepted = before.find((one) => one.action === 'accept')
  const still = held?.until && held.until >= today ? held.until : null
  switch (last.action) {
    case 'accept':
      return last.other ? null : { step: 'withdraw', undoes: 'accept', option: null, until: null }
    case 'extend':
      return still ? { step: 'extend', undoes: 'extend', option: null, until: still } : null
    case 'withdraw':
      return accepted ? { step: 'accept', undoes: 'withdraw', option: accepted.option, until: still } : null
    default:
      return null
  }
}

/** "2026-11-21" so many days later. */
export function daysLater(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}
