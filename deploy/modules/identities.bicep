// Two identities: what the Function App may do, and what a worker may do. A worker runs next to other people's SQL.
param location string
param tags object
param suffix string

resource functionApp 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-sqlfleet-app-${suffix}'
  location: location
  tags: tags
}

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-sqlfleet-worker-${suffix}'
  location: location
  tags: tags
}

output functionApp object = {
  id: functionApp.id
  clientId: functionApp.properties.clientId
  principalId: functionApp.properties.principalId
}
output worker object = {
  id: worker.id
  name: worker.name
  clientId: worker.properties.clientId
  principalId: worker.properties.principalId
}
