param location string
param tags object
param suffix string

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: 'kv-sqlfleet-${suffix}'
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
  }
}

output name string = vault.name
output url string = vault.properties.vaultUri
