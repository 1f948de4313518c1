/** The life of a scheme, as /schemes/{id}/life tells it, and what a person does with it. */

import type { LifeState } from './resources'
import type { Position } from './wire'

export interface ClaimDoc {
  kind: string
  tapoff_id: string | null
  pipe_id: string | null
  flow_lps: number
  position: Position
}

export type LifeAction = 'draft' | 'accept' | 'extend' | 'withdraw' | 'supersede' | 'built'

export interface LifeEventDoc {
  event_id: string
  action: LifeAction
  day: string
  recorded: string
  by: string
  reason: string | null
  until: string | null
  option: number | null
  other: string | null
  override: string | null
  claim: ClaimDoc | null
}

export interface LifeDoc {
  id: string
  name: string
  state: LifeState
  since: string
  by: string
  until: string | null
  days_left: number | null
  option: number | null
  options: number | null
  feasible: boolean | null
  total_cny: string | null
  other: string | null
  override: string | null
  claim: ClaimDoc | null
  history: LifeEventDoc[]
}

export interface AcceptBody {
  by: string
  option: number
  until: string | null
  reason: string | null
  override: string | null
}

export interface ExtendBody {
  by: string
  until: string | null
  reason: string | null
}

export interface BuiltDoc {
  version: string
  already: boolean
  pipe_id: string
}

/** A file of a scheme that can be fetched. */
export interface FileDoc {
  name: string
  size_bytes: number
}

export interface LifeApi {
  life(schemeId: string): Promise<LifeDoc>
  accept(schemeId: string, body: AcceptBody): Promise<LifeDoc>
  extend(schemeId: string, body: ExtendBody): Promise<LifeDoc>
  withdraw(schemeId: string, by: string, reason: string): Promise<LifeDoc>
  built(schemeId: string, body: { by: string; option: number; built_on: string | null }): Promise<BuiltDoc>
  downloads(schemeId: string): Promise<FileDoc[]>
  fileUrl(schemeId: string, name: string): string
}

type Get = <T>(path: string) => Promise<T>
type Send = <T>(method: string, path: string, body: unknown) => Promise<T>

export function lifeCalls(base: string, get: Get, send: Send): LifeApi {
  const id = encodeURIComponent
  const of = (schemeId: string, part: string): string => `/schemes/${id(schemeId)}/${part}`
  return {
    life: (schemeId) => get(of(schemeId, 'life')),
    accept: (schemeId, body) => send('POST', of(schemeId, 'accept'), body),
    extend: (schemeId, body) => send('POST', of(schemeId, 'extend'), body),
    withdraw: (schemeId, by, reason) => send('POST', of(schemeId, 'withdraw'), { by, reason }),
    built: (schemeId, body) => send('POST', of(schemeId, 'asbuilt'), body),
    downloads: (schemeId) => get(of(schemeId, 'downloads')),
    fileUrl: (schemeId, name) => `${base}${of(schemeId, 'files')}/${name.split('/').map(id).join('/')}`,
  }
}
