/** A small scheme, a server that answers as told, and a context around them. */

import type { Context } from '../src/commands/command'
import type { Api } from '../src/contract/client'
import type { Candidate, JobDoc } from '../src/contract/resources'
import type { NeighbourDoc, OptionDoc, RequestDoc, SchemeDoc } from '../src/contract/wire'
import { FakeMap } from '../src/map/fake'
import { createState } from '../src/state/store'

export function neighbour(id: string, before: number, after: number): NeighbourDoc {
  return {
    node_id: id,
    position: [117.02, 36.66],
    elevation_m: 30,
    pressure_before_m: before * 101.97,
    pressure_after_m: after * 101.97,
    pressure_before_mpa: before,
    pressure_after_mpa: after,
  }
}

export function option(rank: number, total = '31252.03'): OptionDoc {
  return {
    rank,
    feasible: true,
    connection: {
      kind: 'tapoff',
      tapoff_id: `T${rank}`,
      pipe_id: 'P1',
      pipe_dn: 200,
      pipe_material: 'DI',
      dn: 100,
      position: [117.021, 36.661],
      method: 'reserved',
      method_text: '预留口接驳',
      cover_depth_m: 1.1,
      valve_id: 'V1',
      status: 'free',
      confidence: 'surveyed',
      distance_m: 60.5,
    },
    route: {
      length_m: 67.391,
      geometry: { type: 'LineString', coordinates: [[117.021, 36.661], [117.0213, 36.6602]] },
      surfaces: [{ surface: 'asphalt', length_m: 67.391 }],
      basis: 'streets',
      basis_text: '沿道路敷设',
    },
    service_pipe: {
      dn: 65,
      material: 'PE',
      series: 'PE100 SDR11',
      outer_diameter_mm: 75,
      inner_diameter_mm: 61.4,
      velocity_mps: 1.125528,
      headloss_m: 1.770499,
      friction_m: 1.5,
      local_m: 0.27,
      clause: '',
    },
    meter: { dn: 50, q3_m3h: 25, q4_m3h: 31.25, ratio_r: 100, type: '水平螺翼式', headloss_m: 1.479486, clause: '' },
    check: {
      engine: 'EPANET 2.2',
      scenario: 'peak',
      converged: true,
      pressure_required_mpa: 0.2746,
      site_elevation_m: 30,
      site_pressure_before_mpa: 0.3128,
      site_pressure_after_mpa: 0.2918,
      margin_m: 1.8,
      tie_in_pressure_before_mpa: 0.3158,
      tie_in_pressure_after_mpa: 0.3121,
      neighbour_limit_mpa: 0.14,
      worst_neighbour: neighbour('N1', 0.187, 0.1862),
      newly_below_limit: [],
      most_affected: [neighbour('N1', 0.187, 0.1862), neighbour('N2', 0.3136, 0.3109)],
    },
    findings: [
      {
        rule: 'service-pressure',
        name: '用户接管处最小服务水头',
        clause: 'GB 50013-2018 3.0.10',
        measured: 0.2918,
        limit: 0.2746,
        unit: 'MPa',
        verdict: 'pass',
        text: '满足',
        text_en: 'holds',
        source: '',
        confidence: 'high',
      },
    ],
    assemblies: [],
    quote: {
      catalogue: 'city-2026',
      catalogue_note: '',
      valid_from: '2026-01-01',
      valid_to: null,
      lines: [],
      net_cny: '28671.59',
      tax_rate: '0.09',
      tax_cny: '2580.44',
      total_cny: total,
      customer_total_cny: '1234.50',
      utility_total_cny: '30017.53',
    },
    permits: [],
    workdays: 29,
    reasons: ['造价最低'],
    reasons_en: ['lowest cost'],
  }
}

export function scheme(id = 'S1', count = 3, request?: RequestDoc): SchemeDoc {
  return {
    id,
    name: '',
    feasible: true,
    summary: '可以接水',
    summary_en: 'Can be supplied',
    request: request ?? {
      site: { position: [117.0213, 36.6602], storeys: 6 },
      use: { type: 'residential', dwellings: 48 },
    },
    demand: {
      design_flow_lps: 3.332598,
      peak_hour_lps: 0.974667,
      max_day_m3: 33.024,
      fire_flow_lps: 0,
      method: 'probability',
      even_use: false,
      clauses: [],
    },
    options: Array.from({ length: count }, (_, k) => option(k + 1)),
    rejected: [{ connection: { kind: 'tapoff', tapoff_id: 'T9' }, reason: '已被使用', reason_en: 'in use' }],
    provenance: {
      network_version: 'v1',
      network_source: 'sample',
      synthetic: true,
      crs: 'EPSG:4548',
      rules: [],
      prices: 'city-2026',
      engine: 'EPANET 2.2',
      software: 'tapwright',
      created: '2026-11-21T11:24:57+00:00',
    },
  }
}

export function job(state: JobDoc['state'], more: Partial<JobDoc> = {}): JobDoc {
  return { id: 'J1', state, progress: null, result: null, problem: null, ...more }
}

export function candidate(pipeId: string, more: Partial<Candidate> = {}): Candidate {
  const none = { zh: '', en: '' }
  return {
    pipe_id: pipeId,
    rule_label: none,
    certainty: 'certain',
    causes: { age: 'certain' },
    causes_label: { zh: '使用年限较长', en: 'Long in service' },
    evidence: { zh: '1960年敷设', en: 'laid in 1960' },
    score: 0.9,
    length_m: 39,
    dn: 200,
    material: 'GCI',
    install_year: 1960,
    road_name: '石桥大街',
    matches: [],
    position: null,
    outcome: none,
    outcome_code: '',
    recommended_year: null,
    sentence: none,
    stage: none,
    decision: null,
    ...more,
  }
}

function refuse(): never {
  throw new Error('not expected to be called')
}

export function api(answers: Partial<Api>): Api {
  return {
    network: refuse,
    style: refuse,
    siteCard: refuse,
    requestScheme: refuse,
    scheme: refuse,
    schemes: () => Promise.resolve([]),
    latestRun: () => Promise.resolve({ run: null, document: null, files: [] }),
    startRun: refuse,
    runFileUrl: (kind, name) => `/api/v1/${kind}/files/${name}`,
    runMap: refuse,
    isolate: refuse,
    calibration: () => Promise.resolve({ made: null, in_use: false }),
    life: refuse,
    accept: refuse,
    extend: refuse,
    withdraw: refuse,
    built: refuse,
    downloads: refuse,
    fileUrl: (id, name) => `/api/v1/schemes/${id}/files/${name}`,
    job: refuse,
    cancelJob: refuse,
    renewal: () => Promise.resolve({ run: null, candidates: [] }),
    startRenewal: refuse,
    decide: refuse,
    dictionary: refuse,
    drafts: () => Promise.resolve([]),
    createDraft: refuse,
    draft: refuse,
    discardDraft: refuse,
    upload: refuse,
    removeFile: refuse,
    setMapping: refuse,
    mappingUrl: (id) => `/api/v1/imports/${id}/mapping.toml`,
    startTask: refuse,
    preview: refuse,
    draftPart: refuse,
    keptMappings: () => Promise.resolve([]),
    keepMapping: refuse,
    versions: refuse,
    history: () => Promise.resolve([]),
    diff: refuse,
    diffTiles: (older, newer) => `/api/v1/versions/${older}/diff/${newer}/tiles/{z}/{x}/{y}.mvt`,
    rollBack: refuse,
    consent: refuse,
    issueKinds: refuse,
    issues: refuse,
    issue: refuse,
    issueTiles: (version) => `/api/v1/versions/${version}/issues/tiles/{z}/{x}/{y}.mvt`,
    ...answers,
  }
}

export interface TestContext extends Context {
  map: FakeMap
}

export function context(answers: Partial<Api> = {}): TestContext {
  const state = createState('zh')
  state.network = {
    version: 'v1',
    source: 'sample',
    synthetic: true,
    crs: 'EPSG:4548',
    bounds: [117.0, 36.6, 117.1, 36.7],
    counts: { pipes: 2000 },
  }
  return { state, api: api(answers), map: new FakeMap(), pause: () => Promise.resolve(), waiting: { scheme: null, job: null, upload: null, look: false }, reopen: refuse, copy: () => Promise.resolve(true) }
}
