/** The protocol's constants, by the EIPs that set them and the names of `@ethereumjs/common`. */

/** Values, each with the names that have it. */
type Values = readonly (readonly [value: number | string, names: string])[]

/** By the EIP that sets them; 1 stands for Frontier. */
export type Parameters = Readonly<Record<number, Values>>

/** What executing a block depends on. What a {@link Ruleset} takes from a Common is not among them. */
export const executionParameters: Parameters = {
  1: [
    [
      2,
      `maxRefundQuotient basefeeGas addressGas originGas callerGas callvalueGas calldatasizeGas
        codesizeGas gaspriceGas coinbaseGas timestampGas numberGas difficultyGas gaslimitGas
        popGas pcGas msizeGas gasGas`,
    ],
    [10, 'expGas expByteGas jumpiGas'],
    [30, 'keccak256Gas'],
    [6, 'keccak256WordGas'],
    [50, 'sloadGas'],
    [20_000, 'sstoreSetGas'],
    [5000, 'sstoreResetGas'],
    [15_000, 'sstoreRefundGas'],
    [1, 'jumpdestGas'],
    [375, 'logGas logTopicGas'],
    [8, 'logDataGas addmodGas mulmodGas jumpGas'],
    [32_000, 'createGas txCreationGas'],
    [40, 'callGas callcodeGas'],
    [2300, 'callStipendGas'],
    [9000, 'callValueTransferGas'],
    [25_000, 'callNewAccountGas'],
    [24_000, 'selfdestructRefundGas'],
    [
      3,
      `memoryGas copyGas identityWordGas addGas subGas ltGas gtGas sltGas sgtGas eqGas
        iszeroGas andGas orGas xorGas notGas byteGas calldataloadGas calldatacopyGas codecopyGas
        mloadGas mstoreGas mstore8Gas pushGas dupGas swapGas`,
    ],
    [512, 'quadCoefficientDivGas'],
    [200, 'createDataGas'],
    [3000, 'ecRecoverGas'],
    [60, 'sha256Gas'],
    [12, 'sha256WordGas'],
    [600, 'ripemd160Gas'],
    [120, 'ripemd160WordGas'],
    [15, 'identityGas'],
    [
      0,
      `stopGas sstoreGas returnGas invalidGas selfdestructGas prevrandaoGas blobGasPerBlob
        accessListStorageKeyGas accessListAddressGas`,
    ],
    [5, 'mulGas divGas sdivGas modGas smodGas signextendGas'],
    [20, 'balanceGas extcodesizeGas extcodecopyGas blockhashGas'],
    [1024, 'stackLimit'],
    [21_000, 'txGas'],
    [4, 'txDataZeroGas'],
    [68, 'txDataNonZeroGas'],
  ],
  606: [[40, 'delegatecallGas']],
  608: [
    [200, 'sloadGas'],
    [700, 'callGas extcodesizeGas extcodecopyGas delegatecallGas callcodeGas'],
    [400, 'balanceGas'],
    [5000, 'selfdestructGas'],
  ],
  607: [
    [50, 'expByteGas'],
    [24_576, 'maxCodeSize'],
  ],
  609: [
    [20, 'modexpGquaddivisorGas'],
    [500, 'bn254AddGas'],
    [40_000, 'bn254MulGas'],
    [100_000, 'bn254PairingGas'],
    [80_000, 'bn254PairingWordGas'],
    [0, 'revertGas'],
    [700, 'staticcallGas'],
    [2, 'returndatasizeGas'],
    [3, 'returndatacopyGas'],
  ],
  1013: [
    [200, 'netSstoreNoopGas netSstoreDirtyGas'],
    [20_000, 'netSstoreInitGas'],
    [5000, 'netSstoreCleanGas'],
    [15_000, 'netSstoreClearRefundGas'],
    [4800, 'netSstoreResetRefundGas'],
    [19_800, 'netSstoreResetClearRefundGas'],
    [3, 'shlGas shrGas sarGas'],
    [400, 'extcodehashGas'],
    [32_000, 'create2Gas'],
  ],
  1716: [
    [
      0,
      `netSstoreNoopGas netSstoreInitGas netSstoreCleanGas netSstoreDirtyGas
        netSstoreClearRefundGas netSstoreResetRefundGas netSstoreResetClearRefundGas`,
    ],
  ],
  1679: [
    [1, 'blake2RoundGas'],
    [150, 'bn254AddGas'],
    [6000, 'bn254MulGas'],
    [45_000, 'bn254PairingGas'],
    [34_000, 'bn254PairingWordGas'],
    [2300, 'sstoreSentryEIP2200Gas'],
    [800, 'sstoreNoopEIP2200Gas sstoreDirtyEIP2200Gas sloadGas'],
    [20_000, 'sstoreInitEIP2200Gas'],
    [19_200, 'sstoreInitRefundEIP2200Gas'],
    [5000, 'sstoreCleanEIP2200Gas'],
    [4200, 'sstoreCleanRefundEIP2200Gas'],
    [15_000, 'sstoreClearRefundEIP2200Gas'],
    [700, 'balanceGas extcodehashGas'],
    [2, 'chainidGas'],
    [5, 'selfbalanceGas'],
    [16, 'txDataNonZeroGas'],
  ],
  2565: [[3, 'modexpGquaddivisorGas']],
  2929: [
    [2100, 'coldsloadGas'],
    [2600, 'coldaccountaccessGas'],
    [100, 'warmstoragereadGas sstoreNoopEIP2200Gas sstoreDirtyEIP2200Gas'],
    [2900, 'sstoreCleanEIP2200Gas'],
    [19_900, 'sstoreInitRefundEIP2200Gas'],
    [4900, 'sstoreCleanRefundEIP2200Gas'],
    [
      0,
      `callGas callcodeGas delegatecallGas staticcallGas balanceGas extcodesizeGas
        extcodecopyGas extcodehashGas sloadGas sstoreGas`,
    ],
  ],
  2930: [
    [1900, 'accessListStorageKeyGas'],
    [2400, 'accessListAddressGas'],
  ],
  3198: [[2, 'basefeeGas']],
  3529: [
    [5, 'maxRefundQuotient'],
    [0, 'selfdestructRefundGas'],
    [4800, 'sstoreClearRefundEIP2200Gas'],
  ],
  4399: [[2, 'prevrandaoGas']],
  3855: [[2, 'push0Gas']],
  3860: [
    [2, 'initCodeWordGas'],
    [49_152, 'maxInitCodeSize'],
  ],
  1153: [[100, 'tstoreGas tloadGas']],
  4788: [[8191, 'historicalRootsLength']],
  4844: [
    [50_000, 'kzgPointEvaluationPrecompileGas'],
    [3, 'blobhashGas'],
    [1, 'blobCommitmentVersionKzg minBlobGas'],
    [4096, 'fieldElementsPerBlob'],
    [131_072, 'blobGasPerBlob'],
  ],
  5656: [[3, 'mcopyGas']],
  7516: [[2, 'blobbasefeeGas']],
  2537: [
    [375, 'bls12381G1AddGas'],
    [12_000, 'bls12381G1MulGas'],
    [600, 'bls12381G2AddGas'],
    [22_500, 'bls12381G2MulGas'],
    [37_700, 'bls12381PairingBaseGas'],
    [32_600, 'bls12381PairingPerPairGas'],
    [5500, 'bls12381MapG1Gas'],
    [23_800, 'bls12381MapG2Gas'],
  ],
  2935: [
    ['0x0000f90827f1c53a10cb7a02335b175320002935', 'historyStorageAddress'],
    [8192, 'historyServeWindow'],
    ['0xfffffffffffffffffffffffffffffffffffffffe', 'systemAddress'],
  ],
  7002: [
    ['0xfffffffffffffffffffffffffffffffffffffffe', 'systemAddress'],
    ['0x00000961ef480eb55e80d19ad83579a64c007002', 'withdrawalRequestPredeployAddress'],
    [30_000_000, 'systemCallGasLimit'],
  ],
  7251: [
    ['0xfffffffffffffffffffffffffffffffffffffffe', 'systemAddress'],
    ['0x0000bbddc7ce488642fb579f8b00f3a590007251', 'consolidationRequestPredeployAddress'],
    [30_000_000, 'systemCallGasLimit'],
  ],
  7623: [[10, 'totalCostFloorPerToken']],
  7702: [
    [12_500, 'perAuthBaseGas'],
    [25_000, 'perEmptyAccountCost'],
  ],
  7825: [[16_777_216, 'maxTransactionGasLimit']],
  7939: [[5, 'clzGas']],
}

/** What only checking headers depends on. */
export const headerParameters: Parameters = {
  1: [
    [5000, 'minGasLimit'],
    [1024, 'gasLimitBoundDivisor'],
    [32, 'maxExtraDataSize'],
    [131_072, 'minimumDifficulty'],
    [2048, 'difficultyBoundDivisor'],
    [13, 'durationLimit'],
    [0, 'difficultyBombDelay'],
  ],
  609: [[3_000_000, 'difficultyBombDelay']],
  1013: [[5_000_000, 'difficultyBombDelay']],
  2384: [[9_000_000, 'difficultyBombDelay']],
  1559: [
    [2, 'elasticityMultiplier'],
    [1_000_000_000, 'initialBaseFee'],
    [8, 'baseFeeMaxChangeDenominator'],
  ],
  3554: [[9_500_000, 'difficultyBombDelay']],
  4345: [[10_700_000, 'difficultyBombDelay']],
  5133: [[11_400_000, 'difficultyBombDelay']],
  4844: [[8192, 'blobBaseCost']],
}
