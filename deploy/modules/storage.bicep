// Two accounts. Workers may write to the one with packages, runs and their state; the other holds the Function App's
// own code, keys and orchestrations, and no worker can reach it.
param location string
param tags object
param suffix string
@description('Only identities may read and write the data account; the host account never takes keys.')
param identityOnly bool
@description('Of the data account.')
param sku string

var shape = {
  minimumTlsVersion: 'TLS1_2'
  supportsHttpsTrafficOnly: true
  allowBlobPublicAccess: false
}

resource host 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'stfleethost${suffix}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: union(shape, { allowSharedKeyAccess: false })
}

resource hostBlobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: host
  name: 'default'
}

resource deployment 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: hostBlobs
  name: 'deployment'
}

resource data 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'stfleetdata${suffix}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: union(shape, { allowSharedKeyAccess: !identityOnly })
}

resource dataBlobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: data
  name: 'default'
  // A worker cannot forge a report, but its role reaches the container as a whole: that can be taken back.
  properties: { containerDeleteRetentionPolicy: { enabled: true, days: 7 } }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = [
  for name in ['packages', 'state', 'runs']: {
    parent: dataBlobs
    name: name
  }
]

output hostName string = host.name
output dataName string = data.name
output deploymentContainerUrl string = '${host.properties.primaryEndpoints.blob}${deployment.name}'
output blobUrl string = data.properties.primaryEndpoints.blob
output tableUrl string = data.properties.primaryEndpoints.table
