import { describe, expect, it } from 'vitest'
import { chooseColouring, toggleGroup } from '../src/commands/layers'
import { readNotes } from '../src/state/notes'
import { context } from './builders'

const METADATA = {
  'tapwright:colourings': [
    { id: 'dn', label: '按管径', paint: 'by-dn', legend: [], layer: null },
    { id: 'pressure', label: '按高峰压力', paint: 'grey', legend: [], layer: 'pipes-pressure' },
  ],
  'tapwright:groups': [{ id: 'pipes', label: '供水管网', layers: ['pipes', 'pipes-pressure'], visible: true, legend: [] }],
}

function page() {
  const made = context()
  made.state.notes = readNotes({ metadata: METADATA })
  made.state.colouring = 'dn'
  return made
}

describe('colouring pipes by what is computed', () => {
  it('shows its own layer only while it is chosen', async () => {
    const made = page()
    await chooseColouring.run(made, 'pressure')
    expect(made.map).toMatchObject({ paint: 'grey', visible: { 'pipes-pressure': true } })
    await chooseColouring.run(made, 'dn')
    expect(made.map).toMatchObject({ paint: 'by-dn', visible: { 'pipes-pressure': false } })
  })
  it('goes and comes with the pipes', async () => {
    const made = page()
    const group = made.state.notes!.groups[0]!
    await toggleGroup.run(made, group)
    await toggleGroup.run(made, group)
    expect(made.map).toMatchObject({ visible: { pipes: true, 'pipes-pressure': false } })
    await chooseColouring.run(made, 'pressure')
    await toggleGroup.run(made, group)
    expect(made.map).toMatchObject({ visible: { pipes: false, 'pipes-pressure': false } })
    await toggleGroup.run(made, group)
    expect(made.map).toMatchObject({ visible: { pipes: true, 'pipes-pressure': true } })
  })
})
