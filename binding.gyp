{
  "targets": [
    {
      "target_name": "braid",
      "type": "none",
      "actions": [
        {
          "action_name": "build with CMake (native/CMakeLists.txt)",
          "inputs": ["native/CMakeLists.txt"],
          "outputs": ["build/Release/braid.node"],
          "action": ["node", "scripts/build.mjs", "native"]
        }
      ]
    }
  ]
}
