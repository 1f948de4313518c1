/** What the map says beside the pointer about a computed figure. */

import { isMessageKey, translate } from '../messages/translate'
import type { Language } from '../contract/client'
import type { MapFeature } from './port'

export function hintOf(language: Language, { layer, properties }: MapFeature): string[] {
  const of = (name: string): string => String(properties[name] ?? '')
  if (layer === 'outages') {
    const first = translate(language, 'hydraulics.hint.outage', { name: of('pipe_id'), value: of('unserved_lps'), customers: of('customers_out') })
    const worst = translate(language, 'hydraulics.hint.worst', { node: of('worst_node_id'), pressure: pressureText(language, Number(properties.worst_pressure_m)) })
    return of('worst_node_id') ? [first, worst] : [first]
  }
  const name = of('tapoff_id') || of('node_id')
  const first = translate(language, 'hydraulics.hint.capacity', { name, value: of('capacity_lps') })
  const limit = limitWord(language, of('limit'))
  if (!of('limiting_node_id')) return limit ? [first, limit] : [first]
  return [first, translate(language, 'hydraulics.hint.limiting', { node: of('limiting_node_id'), limit })]
}

/** A pressure below nothing is no pressure: the demand there is not met. */
export function pressureText(language: Language, pressureM: number): string {
  return pressureM < 0 ? translate(language, 'hydraulics.no-pressure') : `${pressureM.toFixed(1)} m`
}

export function limitWord(language: Language, code: string): string {
  const key = `hydraulics.limit.${code}`
  return isMessageKey(key) ? translate(language, key) : code
}
