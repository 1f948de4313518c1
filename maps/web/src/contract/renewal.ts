/** Joins the parts of a renewal answer into one candidate each: evidence, matches, outcome, standing, decision. */

import type { Bilingual, Candidate, CandidateMatch, Decision, RenewalDoc } from './resources'
import type { Position } from './wire'

type Row = Record<string, unknown>

export function readRenewal(body: unknown): RenewalDoc {
  const answer = body as { run?: Row | null; document?: Row; decisions?: Record<string, Row> }
  const document = answer.document ?? {}
  const planned = byPipe(document.pipes)
  const standing = byPipe(document.standing)
  const matches = groupByPipe(document.matches)
  const run = answer.run ?? null
  return {
    run: run && { id: text(run.id), created: text(run.created), files: (run.files as string[] | undefined) ?? [] },
    candidates: rowsOf(document.candidates).map((row) => {
      const id = text(row.pipe_id)
      return readCandidate(row, planned.get(id) ?? {}, standing.get(id) ?? {}, matches.get(id) ?? [])
    }),
  }
}

function readCandidate(row: Row, plan: Row, stand: Row, matches: Row[]): Candidate {
  return {
    pipe_id: text(row.pipe_id),
    rule_label: pair(row, 'rule_label'),
    certainty: row.certainty === 'possible' || row.certainty === 'unknown' ? row.certainty : 'certain',
    causes: (row.causes as Candidate['causes'] | null) ?? {},
    causes_label: pair(row, 'causes'),
    evidence: pair(row, 'evidence'),
    score: number(row.score),
    length_m: number(row.length_m),
    dn: number(row.dn),
    material: text(row.material) || null,
    install_year: number(row.install_year),
    road_name: text(row.road_name) || null,
    matches: matches.map(readMatch),
    position: positionOf(row.position),
    outcome: pair(plan, 'outcome'),
    outcome_code: text(plan.outcome),
    recommended_year: number(plan.recommended_year),
    sentence: pair(plan, 'sentence'),
    stage: pair(stand, 'stage'),
    decision: readDecision(row.decision),
  }
}

function readMatch(row: Row): CandidateMatch {
  return {
    programme_id: text(row.programme_id),
    kind: pair(row, 'programme_kind'),
    name: text(row.programme_name) || null,
    overlap_m: number(row.overlap_m),
    window_from: text(row.window_from) || null,
    window_to: text(row.window_to) || null,
    feasible: typeof row.feasible === 'boolean' ? row.feasible : null,
  }
}

function readDecision(value: unknown): Decision | null {
  const row = value as Row | null | undefined
  const kind = row?.decision
  if (!row || (kind !== 'pin' && kind !== 'defer' && kind !== 'dismiss')) return null
  return {
    decision: kind,
    reason: text(row.reason),
    until: text(row.until) || null,
    author: text(row.author),
    decided: text(row.decided),
  }
}

function positionOf(value: unknown): Position | null {
  return Array.isArray(value) && value.length === 2 ? [Number(value[0]), Number(value[1])] : null
}

/** `<name>_zh` and `<name>_en`; Chinese stands for both when there is no English. */
function pair(row: Row, name: string): Bilingual {
  const zh = text(row[`${name}_zh`])
  return { zh, en: text(row[`${name}_en`]) || zh }
}

const rowsOf = (value: unknown): Row[] => (Array.isArray(value) ? (value as Row[]) : [])
const byPipe = (value: unknown): Map<string, Row> => new Map(rowsOf(value).map((row) => [text(row.pipe_id), row]))
const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value))
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null)

function groupByPipe(value: unknown): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rowsOf(value)) {
    const id = text(row.pipe_id)
    groups.set(id, [...(groups.get(id) ?? []), row])
  }
  return groups
}
