/** Calls of the import page. */

import type { JobDoc } from './resources'
import type { BroughtFile, DictionaryDoc, DraftDoc, DraftPart, DraftTask, KeptMapping, MappingDoc, PreviewDoc, Sent } from './intake'

export interface TaskBody {
  by: string | null
}

export type MappingSource = { document: MappingDoc } | { toml: string } | { name: string }

export interface IntakeApi {
  dictionary(): Promise<DictionaryDoc>
  drafts(): Promise<DraftDoc[]>
  createDraft(): Promise<DraftDoc>
  draft(draftId: string): Promise<DraftDoc>
  discardDraft(draftId: string): Promise<void>
  upload(draftId: string, file: BroughtFile, report: (sent: Sent) => void, signal: AbortSignal): Promise<DraftDoc>
  removeFile(draftId: string, name: string): Promise<DraftDoc>
  setMapping(draftId: string, mapping: MappingSource): Promise<DraftDoc>
  mappingUrl(draftId: string): string
  startTask(draftId: string, task: DraftTask, body: TaskBody): Promise<JobDoc>
  preview(draftId: string): Promise<PreviewDoc>
  draftPart<T>(draftId: string, part: DraftPart): Promise<T>
  keptMappings(): Promise<KeptMapping[]>
  keepMapping(name: string, document: MappingDoc): Promise<KeptMapping[]>
}

type Get = <T>(path: string) => Promise<T>
type Send = <T>(method: string, path: string, body: unknown) => Promise<T>
type Upload = <T>(url: string, content: Blob, report: (sent: Sent) => void, signal: AbortSignal) => Promise<T>

const id = encodeURIComponent
const place = (name: string): string => name.split('/').map(id).join('/')

export function intakeCalls(base: string, get: Get, send: Send, drop: (path: string) => Promise<void>, upload: Upload): IntakeApi {
  const at = (draftId: string): string => `/imports/${id(draftId)}`
  return {
    dictionary: () => get('/imports/dictionary'),
    drafts: () => get('/imports'),
    createDraft: () => send('POST', '/imports', {}),
    draft: (draftId) => get(at(draftId)),
    discardDraft: (draftId) => drop(at(draftId)),
    upload: (draftId, { name, content }, report, signal) =>
      upload(`${base}${at(draftId)}/files/${place(name)}`, content, report, signal),
    removeFile: async (draftId, name) => {
      await drop(`${at(draftId)}/files/${place(name)}`)
      return get(at(draftId))
    },
    setMapping: (draftId, mapping) => send('PUT', `${at(draftId)}/mapping`, mapping),
    mappingUrl: (draftId) => `${base}${at(draftId)}/mapping.toml`,
    startTask: (draftId, task, body) => send('POST', `${at(draftId)}/${task}`, body),
    preview: (draftId) => send('POST', `${at(draftId)}/preview`, {}),
    draftPart: (draftId, part) => get(`${at(draftId)}/${part}`),
    keptMappings: () => get('/mappings'),
    keepMapping: (name, document) => send('PUT', `/mappings/${id(name)}`, { document }),
  }
}
