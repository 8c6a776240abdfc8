package xmlrpc

import "strings"

// kind is what an element means to XML-RPC.
type kind uint8

const (
	unknown kind = iota // its text is its value
	methodNameKind
	paramsKind
	paramKind
	valueKind
	intKind
	booleanKind
	stringKind
	doubleKind
	dateTimeKind
	base64Kind
	arrayKind
	dataKind
	structKind
	faultKind // in answers only
)

func (p *parser) kindOf(name string) kind {
	switch name {
	case "value":
		return valueKind
	case "string":
		return stringKind
	case "int", "i4":
		return intKind
	case "param":
		return paramKind
	case "params":
		return paramsKind
	case "methodName":
		return methodNameKind
	case "boolean":
		return booleanKind
	case "struct":
		return structKind
	case "array":
		return arrayKind
	case "data":
		return dataKind
	case "double":
		return doubleKind
	case "dateTime.iso8601":
		return dateTimeKind
	case "base64":
		return base64Kind
	}
	if p.response {
		switch name {
		case "fault":
			return faultKind
		case "i8", "i2", "i1":
			return intKind
		}
	}
	return unknown
}

// adopt tells an element the value of its child that has just ended.
func (el *element) adopt(child *element, value any) error {
	switch el.kind {
	case dataKind, paramsKind:
		el.list = append(el.list, value)
	case structKind:
		if child.kind != unknown && child.kind != paramsKind && child.kind != methodNameKind || child.children != 2 {
			return malformed("a struct member that is not a name and a value")
		}
		return el.addMember(child.first, child.second)
	}
	switch el.children {
	case 1:
		el.first = value
	case 2:
		el.second = value
	}
	return nil
}

// manyMembers is from where on a map finds a name faster than looking.
const manyMembers = 16

func (el *element) addMember(name, value any) error {
	key, ok := name.(string)
	if !ok && !falsy(name) {
		return malformed("a struct member whose name is no string")
	}
	at := -1
	if el.index != nil {
		if i, known := el.index[key]; known {
			at = i
		}
	} else {
		for i := range el.members {
			if el.members[i].Name == key {
				at = i
			}
		}
	}
	if at >= 0 {
		el.members[at].Value = value
		return nil
	}
	el.members = append(el.members, Member{key, value})
	if el.index != nil {
		el.index[key] = len(el.members) - 1
	} else if len(el.members) == manyMembers {
		el.index = map[string]int{}
		for i := range el.members {
			el.index[el.members[i].Name] = i
		}
	}
	return nil
}

// falsy tells whether a name is as good as none to Supervisor.
func falsy(v any) bool {
	switch v := v.(type) {
	case Nil:
		return true
	case int64:
		return v == 0
	case float64:
		return v == 0
	case bool:
		return !v
	case []any:
		return len(v) == 0
	case Struct:
		return len(v) == 0
	}
	return false
}

// reduce makes an element that has ended its value. It follows Supervisor's
// table of unmarshallers, generous where that is generous (HTTP-006, HTTP-007).
func (p *parser) reduce(el *element) (any, error) {
	switch el.kind {
	case valueKind:
		if el.children > 0 {
			return el.first, nil
		}
		return el.text, nil
	case stringKind:
		return el.text, nil
	case booleanKind:
		return p.boolean(el.text), nil
	case arrayKind, paramKind:
		if el.children == 0 {
			return nil, malformed("an array or a param without content")
		}
		return el.first, nil
	case dataKind:
		return p.items(el), nil
	case structKind:
		if el.members == nil {
			return Struct{}, nil
		}
		return el.members, nil
	case paramsKind:
		p.params = p.items(el)
	case methodNameKind:
		p.method = el.text
	case faultKind:
		return nil, p.setFault(el.first)
	case intKind, doubleKind, dateTimeKind, base64Kind:
		return scalar(el.kind, el.text)
	}
	if !el.hasText {
		return Nil{}, nil
	}
	return el.text, nil
}

func (p *parser) items(el *element) []any {
	if el.list == nil {
		return []any{}
	}
	return el.list
}

// boolean is true for the text 1 only (HTTP-006); as a client we are more
// generous to servers that spell it out.
func (p *parser) boolean(text string) bool {
	if p.response {
		text = strings.TrimSpace(text)
		return text == "1" || text == "true"
	}
	return text == "1"
}

func (p *parser) setFault(v any) error {
	s, _ := v.(Struct)
	code, okCode := s.Get("faultCode")
	text, okText := s.Get("faultString")
	n, isInt := code.(int64)
	str, isString := text.(string)
	if !okCode || !okText || !isInt || !isString {
		return malformed("a fault without code and text")
	}
	p.fault = &Fault{int(n), str}
	return nil
}
