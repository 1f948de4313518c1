/** Figures that are compared, row by row, and which of them is best. */

import type { OptionDoc } from '../../contract/wire'
import type { MessageKey } from '../../messages/translate'
import { money } from '../../text/figures'

export interface Row {
  key: string
  label: MessageKey
  /** Whether more is better; null where neither is. */
  more: boolean | null
  cells: { value: number; text: string }[]
}

const PAVED = new Set(['asphalt', 'concrete', 'paving-brick'])

/** Length that breaks a paved surface [m]. */
export function dugM(option: OptionDoc): number {
  return option.route.surfaces.filter((one) => PAVED.has(one.surface)).reduce((sum, one) => sum + one.length_m, 0)
}

const count = (option: OptionDoc, verdict: string): number => option.findings.filter((one) => one.verdict === verdict).length

export function rowsOf(options: OptionDoc[]): Row[] {
  const row = (key: string, label: MessageKey, more: boolean | null, of: (one: OptionDoc) => number, text: (one: OptionDoc) => string): Row => ({
    key,
    label,
    more,
    cells: options.map((one) => ({ value: of(one), text: text(one) })),
  })
  return [
    row('total', 'quote.total', false, (one) => Number(one.quote.total_cny), (one) => `¥${money(one.quote.total_cny)}`),
    row('customer', 'quote.customer', false, (one) => Number(one.quote.customer_total_cny), (one) => `¥${money(one.quote.customer_total_cny)}`),
    row('margin', 'compare.margin', true, (one) => one.check.margin_m, (one) => `${one.check.margin_m.toFixed(2)} m`),
    row('pressure', 'option.pressure', true, (one) => one.check.site_pressure_after_mpa, (one) => `${one.check.site_pressure_after_mpa.toFixed(4)} MPa`),
    row('length', 'option.length', false, (one) => one.route.length_m, (one) => `${one.route.length_m.toFixed(1)} m`),
    row('digging', 'compare.digging', false, dugM, (one) => `${dugM(one).toFixed(1)} m`),
    row('days', 'compare.days', false, (one) => one.workdays, (one) => String(one.workdays)),
    row('permits', 'compare.permits', false, (one) => one.permits.length, (one) => String(one.permits.length)),
    row('neighbours', 'compare.neighbours', false, (one) => one.check.newly_below_limit.length, (one) => String(one.check.newly_below_limit.length)),
    row('warnings', 'compare.warnings', false, (one) => count(one, 'fail') * 1000 + count(one, 'warn'), (one) => `${count(one, 'fail')} / ${count(one, 'warn')}`),
  ]
}

/** Column of the only best figure; null where several share it. */
export function bestOf({ cells, more }: Row): number | null {
  if (more === null || cells.length < 2) return null
  const values = cells.map((one) => (more ? -one.value : one.value))
  const least = Math.min(...values)
  const at = values.flatMap((value, k) => (value === least ? [k] : []))
  return at.length === 1 ? (at[0] ?? null) : null
}
