package vision

// ReadGraph lets the tests of the package read an ONNX file without an engine: it returns what the file says of itself.
func ReadGraph(file []byte) (string, error) {
	g, err := readGraph(file)
	if err != nil {
		return "", err
	}
	if c, _, err := findContract(g, nil, ""); err == nil {
		_, _ = fulfil(c, g, inputSize{}) // what it makes of any graph is for the caller to look at
	}
	return "input " + listValues(g.inputs) + ", output " + listValues(g.outputs), nil
}
