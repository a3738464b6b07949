package entry

import "io"

func Write(to io.Writer, text string) bool {
	_, err := io.WriteString(to, text)
	return err != nil
}
