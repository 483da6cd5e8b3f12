// The rounds of BLAKE2b on four-lane vectors: one row of the 4x4 work matrix per register.
// Included inside of a target region, once per instruction set; `Rotations` names the set.

/// Adds the messages and mixes the four columns (or diagonals) at once.
template <typename Rotations>
[[gnu::always_inline]] inline void mix_rows(__m256i& a, __m256i& b, __m256i& c, __m256i& d,
                                            __m256i x, __m256i y) noexcept {
    a = _mm256_add_epi64(_mm256_add_epi64(a, x), b);
    d = _mm256_shuffle_epi32(_mm256_xor_si256(d, a), 0xb1);
    c = _mm256_add_epi64(c, d);
    b = Rotations::right24(_mm256_xor_si256(b, c));
    a = _mm256_add_epi64(_mm256_add_epi64(a, y), b);
    d = Rotations::right16(_mm256_xor_si256(d, a));
    c = _mm256_add_epi64(c, d);
    b = Rotations::right63(_mm256_xor_si256(b, c));
}

template <typename Rotations>
[[gnu::always_inline]] inline void compress_rows(uint32_t rounds, uint64_t h[8],
                                                 const uint64_t m[16],
                                                 const Parameters& parameters) noexcept {
    // Row x holds the even message words of the four mixings, row y the odd ones; the diagonal
    // half is turned by one lane, because below the diagonals meet in the lane of their b.
    alignas(32) uint64_t messages[schedule_count][16];
    const auto row = [&messages](uint32_t schedule, size_t index) noexcept {
        return _mm256_load_si256(reinterpret_cast<const __m256i*>(messages[schedule] + 4 * index));
    };
    for (uint32_t i = 0; i < schedule_count; ++i) {
        const uint8_t* s = sigma[i];
        for (size_t lane = 0; lane < 4; ++lane) {
            messages[i][lane] = m[s[2 * lane]];
            messages[i][4 + lane] = m[s[2 * lane + 1]];
            messages[i][8 + (lane + 1) % 4] = m[s[8 + 2 * lane]];
            messages[i][12 + (lane + 1) % 4] = m[s[9 + 2 * lane]];
        }
    }

    const __m256i h_low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(h));
    const __m256i h_high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(h + 4));
    __m256i a = h_low;
    __m256i b = h_high;
    __m256i c = _mm256_load_si256(reinterpret_cast<const __m256i*>(initial_vector));
    __m256i d =
        _mm256_xor_si256(_mm256_load_si256(reinterpret_cast<const __m256i*>(initial_vector + 4)),
                         _mm256_loadu_si256(reinterpret_cast<const __m256i*>(parameters.words)));

    uint32_t schedule = 0;
    for (uint32_t round = 0; round < rounds; ++round) {
        mix_rows<Rotations>(a, b, c, d, row(schedule, 0), row(schedule, 1));
        // b is the last row to be ready, so the other three turn around it.
        a = _mm256_permute4x64_epi64(a, 0x93);
        d = _mm256_permute4x64_epi64(d, 0x4e);
        c = _mm256_permute4x64_epi64(c, 0x39);
        mix_rows<Rotations>(a, b, c, d, row(schedule, 2), row(schedule, 3));
        a = _mm256_permute4x64_epi64(a, 0x39);
        d = _mm256_permute4x64_epi64(d, 0x4e);
        c = _mm256_permute4x64_epi64(c, 0x93);
        schedule = schedule == schedule_count - 1 ? 0 : schedule + 1;
    }
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(h),
                        _mm256_xor_si256(h_low, _mm256_xor_si256(a, c)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(h + 4),
                        _mm256_xor_si256(h_high, _mm256_xor_si256(b, d)));
}
