param location string
param tags object
param suffix string

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: 'crsqlfleet${suffix}'
  location: location
  tags: tags
  sku: { name: 'Basic' }
  // Nodes and pods pull with their identity.
  properties: { adminUserEnabled: false }
}

output name string = registry.name
output loginServer string = registry.properties.loginServer
