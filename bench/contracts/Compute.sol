// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// Compute-heavy loops for the interpreter benchmark: word mixing with shifts, wide modular
/// multiplication, sorting with jumps and memory, and keccak chains.
contract Compute {
    /// A 32-bit add-rotate-xor compression over a memory schedule of 80 words, `rounds` times.
    function shifts(uint256 rounds) external pure returns (uint256) {
        unchecked {
            uint32[80] memory schedule;
            uint32 a = 0x67452301;
            uint32 b = 0xefcdab89;
            uint32 c = 0x98badcfe;
            uint32 d = 0x10325476;
            uint32 e = 0xc3d2e1f0;
            for (uint256 round = 0; round < rounds; ++round) {
                for (uint256 i = 0; i < 16; ++i) {
                    schedule[i] = uint32(round * 16 + i) * 0x9e3779b1;
                }
                for (uint256 i = 16; i < 80; ++i) {
                    uint32 w = schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16];
                    schedule[i] = (w << 1) | (w >> 31);
                }
                for (uint256 i = 0; i < 80; ++i) {
                    uint32 f;
                    if (i < 20) f = ((b & c) | (~b & d)) + 0x5a827999;
                    else if (i < 40) f = (b ^ c ^ d) + 0x6ed9eba1;
                    else if (i < 60) f = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
                    else f = (b ^ c ^ d) + 0xca62c1d6;
                    uint32 t = ((a << 5) | (a >> 27)) + f + e + schedule[i];
                    e = d;
                    d = c;
                    c = (b << 30) | (b >> 2);
                    b = a;
                    a = t;
                }
            }
            return uint256(a) ^ (uint256(b) << 32) ^ (uint256(c) << 64) ^ (uint256(d) << 96) ^ (uint256(e) << 128);
        }
    }

    /// Jacobian point doublings on a 256-bit prime field: MULMOD and ADDMOD.
    function field(uint256 rounds) external pure returns (uint256) {
        uint256 p = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f;
        uint256 x = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798;
        uint256 y = 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8;
        uint256 z = 1;
        for (uint256 i = 0; i < rounds; ++i) {
            uint256 yy = mulmod(y, y, p);
            uint256 s = mulmod(4, mulmod(x, yy, p), p);
            uint256 m = mulmod(3, mulmod(x, x, p), p);
            uint256 nx = addmod(mulmod(m, m, p), p - addmod(s, s, p), p);
            z = mulmod(2, mulmod(y, z, p), p);
            y = addmod(mulmod(m, addmod(s, p - nx, p), p), p - mulmod(8, mulmod(yy, yy, p), p), p);
            x = nx;
        }
        return x ^ y ^ z;
    }

    /// Checked 256-bit fixed-point arithmetic: MUL, DIV and the overflow tests of the compiler.
    function fixedPoint(uint256 rounds) external pure returns (uint256 value) {
        value = 1e18;
        for (uint256 i = 1; i <= rounds; ++i) {
            value = (value * 1000000007) / 1e9 + i;
            value = (value * value) / 1e18 + 3;
            if (value > 1e30) value = value % 1e18 + 1e17;
        }
    }

    /// Insertion sort of 64 words in memory, `rounds` times: jumps, comparisons, MLOAD, MSTORE.
    function sort(uint256 rounds) external pure returns (uint256 sum) {
        uint256[] memory items = new uint256[](64);
        for (uint256 round = 0; round < rounds; ++round) {
            for (uint256 i = 0; i < 64; ++i) {
                items[i] = (i * 7919 + round * 104729) % 1009;
            }
            for (uint256 i = 1; i < 64; ++i) {
                uint256 item = items[i];
                uint256 j = i;
                while (j > 0 && items[j - 1] > item) {
                    items[j] = items[j - 1];
                    --j;
                }
                items[j] = item;
            }
            sum += items[0] + items[63];
        }
    }

    /// A chain of keccak-256 over 64 bytes, as mappings hash their keys.
    function hashes(uint256 rounds) external pure returns (bytes32 digest) {
        for (uint256 i = 0; i < rounds; ++i) {
            digest = keccak256(abi.encode(digest, i));
        }
    }
}
