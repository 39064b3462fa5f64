// For databases behind a private endpoint or a firewall that lets in a network's addresses. Peer it, or put the
// databases' private endpoints into it. Without it everything goes over Azure's public endpoints, with TLS.
param location string
param tags object
param suffix string

resource network 'Microsoft.Network/virtualNetworks@2024-01-01' = {
  name: 'vnet-sqlfleet-${suffix}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.61.0.0/16'] }
    subnets: [
      {
        name: 'functions'
        properties: {
          addressPrefix: '10.61.0.0/24'
          // What Flex Consumption asks for.
          delegations: [{ name: 'functions', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      { name: 'pods', properties: { addressPrefix: '10.61.16.0/20' } }
      { name: 'endpoints', properties: { addressPrefix: '10.61.1.0/24' } }
    ]
  }
}

output name string = network.name
output functionsSubnetId string = '${network.id}/subnets/functions'
