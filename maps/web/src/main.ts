import { createApp, h } from 'vue'

createApp({ render: () => h('h1', '接水匠') }).mount('#app')
