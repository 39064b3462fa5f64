// The account only. sqlfleet makes the pool on first use, through the management plane: a pool without nodes would
// need an image that is not built yet. An account costs nothing, its nodes do.
param location string
param tags object
param suffix string
@description('Only identities may call the data plane.')
param identityOnly bool

resource account 'Microsoft.Batch/batchAccounts@2024-07-01' = {
  name: 'basqlfleet${suffix}'
  location: location
  tags: tags
  properties: {
    poolAllocationMode: 'BatchService'
    allowedAuthenticationModes: identityOnly ? ['AAD'] : ['AAD', 'SharedKey']
    publicNetworkAccess: 'Enabled'
  }
}

output name string = account.name
output url string = 'https://${account.properties.accountEndpoint}'
