/** Puts the page together: state, client, map and panels; and keeps map and address in step with the state. */

import { createApp, h, watch } from 'vue'
import { checkVersion } from './commands/check-version'
import { clickMap } from './commands/click-map'
import type { Context } from './commands/command'
import { clickMark } from './commands/issues'
import { followRun } from './commands/hydraulics'
import { handleKey } from './commands/keyboard'
import { chooseColouring } from './commands/layers'
import { loadLife } from './commands/life/load'
import { selectOption } from './commands/select-option'
import { follow, start } from './commands/start'
import { createApi, type Language } from './contract/client'
import type { RunKind } from './contract/hydraulics'
import { FakeMap } from './map/fake'
import { hintOf } from './map/hint'
import { drawnCandidates, drawnChanges, drawnClosure, drawnFigures, drawnMarks, drawnPlaces, drawnRoutes, drawnSketch, focusOf } from './map/sync'
import { translate } from './messages/translate'
import { CONTEXT } from './panels/context'
import PageRoot from './panels/PageRoot.vue'
import { RUN_KINDS } from './state/hydraulics'
import { readLink, writeLink } from './state/permalink'
import { createState } from './state/store'

const KEPT = 'tapwright'
const JOBS = 'tapwright-jobs'

export function openPage(root: HTMLElement): void {
  const link = readLink(location.hash)
  const kept = readKept()
  const state = createState(link.language ?? kept.language ?? 'zh')
  state.tab = link.tab ?? 'scheme'
  state.dataView = link.dataView ?? state.dataView
  state.shortcuts = kept.shortcuts ?? true
  state.person = kept.person ?? ''
  const context: Context = {
    state,
    api: createApi(() => state.language),
    map: new FakeMap(),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    waiting: { scheme: null, job: null, upload: null, look: false },
    reopen: () => location.reload(),
    copy: (text) => navigator.clipboard.writeText(text).then(() => true, () => false),
  }

  async function ready(container: HTMLElement): Promise<void> {
    const style = await start(context)
    if (style === null) return
    if (!state.mapFault) await openMap(container, style)
    keepMapInStep(context)
    keepAddress(context)
    keepLife(context)
    keepRuns(context)
    await follow(context, link)
  }

  async function openMap(container: HTMLElement, style: Record<string, unknown>): Promise<void> {
    try {
      const { createEngine } = await import('./map/engine')
      context.map = await createEngine({
        container,
        style,
        view: link.view,
        bounds: state.network?.bounds ?? null,
        labelText: state.notes?.labelText ?? '',
        label: translate(state.language, 'map.label'),
        onClick: (click) => void clickMap.run(context, click),
        onRoute: (rank) => void selectOption.run(context, rank),
        onMark: (mark) => void clickMark.run(context, mark),
        onMove: () => writeAddress(context),
        hint: (feature) => hintOf(state.language, feature),
        onRefused: () => void checkVersion.run(context),
      })
    } catch {
      state.mapFault = 'failed'
    }
  }

  let container: HTMLElement | null = null
  const app = createApp({
    render: () =>
      h(PageRoot, {
        onReady: (element: HTMLElement) => {
          container = element
          void ready(element)
        },
        onRetry: () => container && void ready(container),
      }),
  })
  app.provide(CONTEXT, context)
  app.mount(root)
  listenToKeys(context)
}

function keepMapInStep(context: Context): void {
  const { state } = context
  const now = { immediate: true }
  watch(() => drawnRoutes(state), (routes) => context.map.showRoutes(routes), now)
  watch(() => drawnPlaces(state), (places) => context.map.showPlaces(places), now)
  watch(() => focusOf(state), (position) => context.map.showFocus(position), now)
  watch(() => drawnCandidates(state), (candidates) => context.map.showCandidates(candidates), now)
  watch(() => drawnMarks(state, context.api.issueTiles), (marks) => context.map.showMarks(marks), now)
  watch(() => drawnChanges(state, context.api.diffTiles), (changes) => context.map.showChanges(changes), now)
  watch(() => drawnFigures(state), (figures) => context.map.showFigures(figures), now)
  watch(() => drawnClosure(state), (closure) => context.map.showClosure(closure), now)
  watch(() => drawnSketch(state), (sketch) => context.map.showSketch(sketch), now)
  watch(() => state.tool, (tool) => context.map.setTool(tool), now)
  if (state.colouring) void chooseColouring.run(context, state.colouring)
}

/** Runs that are under way are found again by a page that is opened anew. */
function keepRuns(context: Context): void {
  const { runs } = context.state.hydraulics
  const kept = readJobs()
  for (const kind of RUN_KINDS) {
    const job = kept[kind]
    if (job) void followRun.run(context, { kind, job })
  }
  watch(
    () => RUN_KINDS.map((kind) => runs[kind].job),
    (jobs) => localStorage.setItem(JOBS, JSON.stringify(Object.fromEntries(RUN_KINDS.map((kind, k) => [kind, jobs[k]])))),
  )
}

function readJobs(): Partial<Record<RunKind, string | null>> {
  try {
    return JSON.parse(localStorage.getItem(JOBS) ?? '{}') as Partial<Record<RunKind, string | null>>
  } catch {
    return {}
  }
}

/** How the shown scheme stands is fetched anew with every other scheme; one planned elsewhere keeps its own. */
function keepLife(context: Context): void {
  const { state } = context
  watch(
    () => state.scheme?.id ?? null,
    (id, former) => {
      if (id !== null || state.life.id === former) void loadLife(context, id)
    },
  )
}

function keepAddress(context: Context): void {
  const { state } = context
  watch(() => [state.scheme?.id, state.rank, state.tab, state.dataView, state.language], () => writeAddress(context))
  watch(
    () => [state.language, state.shortcuts, state.person],
    () => {
      const { language, shortcuts, person } = state
      localStorage.setItem(KEPT, JSON.stringify({ language, shortcuts, person }))
    },
  )
}

function writeAddress({ state, map }: Context): void {
  const hash = writeLink({
    view: map.view(),
    schemeId: state.scheme?.id ?? null,
    rank: state.rank,
    tab: state.tab,
    dataView: state.dataView,
    language: state.language === 'zh' ? null : state.language,
  })
  history.replaceState(null, '', hash || location.pathname)
}

interface Kept {
  language?: Language
  shortcuts?: boolean
  person?: string
}

function readKept(): Kept {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Kept
  } catch {
    return {}
  }
}

function listenToKeys(context: Context): void {
  const goTo = (): void => document.getElementById('site-lon')?.focus()
  addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement
    const typing = target.matches('input:not([type=checkbox]), textarea, select, [contenteditable]')
    const { key, ctrlKey, metaKey, shiftKey, isComposing } = event
    if (handleKey(context, { key, ctrlKey, metaKey, shiftKey, isComposing, typing }, goTo)) event.preventDefault()
  })
}
