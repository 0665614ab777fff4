import { describe, expect, test } from 'vitest'
import { isNeverCalled, isPublicAddress } from './public-address.ts'

describe('an address is public', () => {
  test.each([
    '8.8.8.8',
    '1.1.1.1',
    '223.5.5.5',
    '2606:4700::1111',
    '240c::6666',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('%s', (address) => expect(isPublicAddress(address)).toBe(true))
})

describe('an address is not public', () => {
  test.each([
    ['this machine', '127.0.0.1'],
    ['this machine, another name', '127.8.9.10'],
    ['this machine, IPv6', '::1'],
    ['nowhere', '0.0.0.0'],
    ['nowhere, IPv6', '::'],
    ['private 10/8', '10.1.2.3'],
    ['private 172.16/12', '172.31.255.255'],
    ['private 192.168/16', '192.168.1.1'],
    ['carrier-grade NAT and the Aliyun metadata service', '100.100.100.200'],
    ['link-local and the usual metadata service', '169.254.169.254'],
    ['the Azure wire server', '168.63.129.16'],
    ['protocol assignments, Oracle metadata', '192.0.0.192'],
    ['benchmarking', '198.18.0.1'],
    ['documentation', '203.0.113.5'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['mapped loopback', '::ffff:127.0.0.1'],
    ['mapped loopback, hex', '::ffff:7f00:1'],
    ['compatible loopback, hex', '::7f00:1'],
    ['translated loopback', '::ffff:0:127.0.0.1'],
    ['NAT64 loopback', '64:ff9b::7f00:1'],
    ['NAT64 private', '64:ff9b::a00:1'],
    ['local NAT64', '64:ff9b:1::1'],
    ['6to4 loopback', '2002:7f00:1::'],
    ['teredo', '2001::1'],
    ['link-local IPv6', 'fe80::1'],
    ['link-local IPv6 with zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['unique local', 'fd00:ec2::254'],
    ['multicast IPv6', 'ff02::1'],
    ['documentation IPv6', '2001:db8::1'],
    ['never handed out', '4000::1'],
    ['not an address', 'localhost'],
    ['empty', ''],
  ])('%s', (_what, address) => expect(isPublicAddress(address)).toBe(false))
})

describe('nothing is called there, whoever allows it', () => {
  test.each([
    '169.254.169.254',
    '169.254.170.2',
    '168.63.129.16',
    '100.100.100.200',
    'fd00:ec2::254',
    'fe80::1%eth0',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
  ])('%s', (address) => expect(isNeverCalled(address)).toBe(true))

  test.each(['127.0.0.1', '10.0.0.1', '192.168.1.1', 'fd00::1', '::1', '8.8.8.8', 'shop.example'])(
    'but at %s an operator may allow it',
    (address) => expect(isNeverCalled(address)).toBe(false),
  )
})
