/** What the engineer asks: site, use, storeys; and the request document it makes. */

import type { Position, RequestDoc, UseDoc } from '../contract/wire'
import { parseNumber } from '../text/position'

export const USE_TYPES = ['residential', 'office', 'school', 'hotel', 'hospital', 'shop', 'flow'] as const
export type UseType = (typeof USE_TYPES)[number]

/** The figure each use is known by, named as in the request document. */
export const FIGURE: Record<UseType, string> = {
  residential: 'dwellings',
  office: 'area_m2',
  school: 'students',
  hotel: 'beds',
  hospital: 'beds',
  shop: 'area_m2',
  flow: 'design_flow_lps',
}

const WHOLE = new Set(['dwellings', 'students', 'beds'])

export interface Form {
  name: string
  position: Position | null
  useType: UseType
  /** As typed, so that nothing is lost while editing. */
  amount: string
  storeys: string
  /** Mains that must feed the site: '' as use and fire flow ask. */
  inlets: '' | '1' | '2'
}

export const EMPTY_FORM: Form = { name: '', position: null, useType: 'residential', amount: '48', storeys: '6', inlets: '' }

export type FormFault = 'generate.no-site' | 'generate.bad-amount' | 'generate.bad-storeys'

export function formFault(form: Form): FormFault | null {
  if (form.position === null) return 'generate.no-site'
  if (amountOf(form) === null) return 'generate.bad-amount'
  if (storeysOf(form) === null) return 'generate.bad-storeys'
  return null
}

export function amountOf(form: Form): number | null {
  const value = parseNumber(form.amount)
  if (value === null || value <= 0) return null
  return WHOLE.has(FIGURE[form.useType]) && !Number.isInteger(value) ? null : value
}

export function storeysOf(form: Form): number | null {
  const value = parseNumber(form.storeys)
  return value !== null && Number.isInteger(value) && value >= 1 && value <= 200 ? value : null
}

/**
 * The request document; null while something is missing.
 *
 * `kept` is the request of an opened scheme: for the same place its other parts (fire, supply, red line, overrides …) stay.
 */
export function requestOf(form: Form, kept: RequestDoc | null = null): RequestDoc | null {
  const amount = amountOf(form)
  const storeys = storeysOf(form)
  if (form.position === null || amount === null || storeys === null) return null
  const base = kept && samePlace(kept, form.position) ? kept : null
  const name = form.name.trim()
  return {
    ...others(base),
    ...(name ? { name } : {}),
    site: { ...base?.site, position: form.position, storeys },
    use: useOf(form, amount, base),
    ...supplyOf(form, base),
    options: { count: 3, ...base?.options },
  }
}

/** All but the name, which the form has, and the scheme it once replaced, which is asked for each time. */
function others(base: RequestDoc | null): Partial<RequestDoc> {
  const { name: _name, replaces: _replaces, ...rest } = base ?? {}
  return rest
}

/** The `supply` part with the number of inlets the form says; left out while it says nothing. */
function supplyOf({ inlets }: Form, base: RequestDoc | null): Partial<RequestDoc> {
  const { inlets: _former, ...rest } = (base?.supply ?? {}) as Record<string, unknown>
  const supply = inlets ? { ...rest, inlets: Number(inlets) } : rest
  return base?.supply !== undefined || Object.keys(supply).length ? { supply } : {}
}

function samePlace({ site }: RequestDoc, [x, y]: Position): boolean {
  const place = site?.position
  return Array.isArray(place) && place[0] === x && place[1] === y
}

/** A use that this form shows in part (several uses, quotas, fixtures) stays whole as long as the shown figure is the same. */
function useOf(form: Form, amount: number, base: RequestDoc | null): RequestDoc['use'] {
  const figure = FIGURE[form.useType]
  const plain: RequestDoc['use'] = form.useType === 'flow' ? { design_flow_lps: amount } : { type: form.useType, [figure]: amount }
  if (base === null) return plain
  const shown = formOf(base, form)
  if (shown.useType === form.useType && shown.amount === form.amount) return base.use
  const [first] = Array.isArray(base.use) ? base.use : [base.use]
  const same = first && (('type' in first ? first.type : 'flow') === form.useType)
  return same && !Array.isArray(base.use) ? ({ ...first, ...plain } as UseDoc) : plain
}

/** Two requests with the same key ask the same question. */
export function requestKey(form: Form, kept: RequestDoc | null = null): string {
  const request = requestOf(form, kept)
  return request === null ? '' : JSON.stringify({ ...request, name: '' })
}

function inletsOf({ supply }: RequestDoc): Form['inlets'] {
  const count = (supply as { inlets?: unknown } | undefined)?.inlets
  return count === 1 ? '1' : count === 2 ? '2' : ''
}

/** Fill the form from the request a stored scheme carries; uses this form does not know keep the present ones. */
export function formOf(request: RequestDoc, present: Form): Form {
  const use = Array.isArray(request.use) ? request.use[0] : request.use
  const type = use === undefined ? null : 'type' in use ? use.type : 'flow'
  const useType = USE_TYPES.find((one) => one === type) ?? present.useType
  const value = (use as Record<string, unknown> | undefined)?.[FIGURE[useType]]
  return {
    name: request.name ?? '',
    position: request.site.position,
    useType,
    amount: value === undefined ? present.amount : String(value),
    storeys: request.site.storeys === undefined ? present.storeys : String(request.site.storeys),
    inlets: inletsOf(request),
  }
}
